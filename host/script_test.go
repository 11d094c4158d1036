package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"switchboard/host/delivered"
)

// bin is the folder into which TestMain builds what is delivered.
var bin string

// extra is the folder of a plugin that is not delivered.
var extra string

var keep = flag.Bool("keep", false, "keep the folders of the scripts")

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("/tmp", "sb")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if !*keep {
		defer os.RemoveAll(dir)
	}
	bin = filepath.Join(dir, "bin")
	if err := build(); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		return 1
	}
	return m.Run()
}

// build makes the same files in the same places as make build.
func build() error {
	// The tally is a plugin as a stranger would ship it: built by itself.
	extra = filepath.Join(filepath.Dir(bin), "tally")
	if err := delivered.Program(filepath.Join(extra, "tally"), "switchboard/examples/tally", true); err != nil {
		return err
	}
	manifest, err := os.ReadFile("../examples/tally/plugin.toml")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(extra, "plugin.toml"), manifest, 0o644); err != nil {
		return err
	}
	bin, err = delivered.Build(bin)
	return err
}

// TestScript runs real hosts through the command line; see testdata/script.
// Its commands are the functions cmd… of this package.
func TestScript(t *testing.T) {
	root, err := os.MkdirTemp("/tmp", "sbw") // short: sockets lie in it
	if err != nil {
		t.Fatal(err)
	}
	if !*keep {
		t.Cleanup(func() { os.RemoveAll(root) })
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", WorkdirRoot: root, TestWork: *keep, RequireExplicitExec: true, ContinueOnError: false,
		Setup: func(env *testscript.Env) error {
			w := &world{dir: env.WorkDir, hosts: map[string]*hostProcess{}}
			env.Values[worldKey{}] = w
			env.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("TALLY", extra)
			env.Defer(w.close)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"host": cmdHost, "end": cmdEnd, "sb": cmdSb, "until": cmdUntil, "kill9": cmdKill9, "gone": cmdGone, "pids": cmdPids, "pidof": cmdPidOf, "serve": cmdServe,
			"friends": cmdFriends, "storm": cmdStorm, "crowd": cmdCrowd, "same": cmdSame, "trim": cmdTrim, "age": cmdAge,
			"begin": cmdBegin, "await": cmdAwait, "over": cmdOver, "take": cmdTake, "lockedout": cmdLockedOut, "offline": cmdOffline,
			"copy": cmdCopy, "replace": cmdReplace, "paint": cmdPaint, "within": cmdWithin, "hash": cmdHash,
		},
	})
}

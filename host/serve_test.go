package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// serve FOLDER: carries a network from a folder with switchboard serve, always
// on the same port. $network is its address, $owner the first owner's invitation.
// With ! it ends what serves, by SIGTERM, or with "! serve kill" by SIGKILL.
func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	w := theWorld(ts)
	if neg && len(args) > 0 && args[0] == "kill" {
		ts.Check(w.server.cmd.Process.Kill())
		<-w.server.exited
		w.server = nil
		return
	}
	if neg {
		ts.Check(w.endServer())
		return
	}
	if w.port == 0 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		w.port = l.Addr().(*net.TCPAddr).Port
		ts.Check(l.Close())
	}
	config := fmt.Sprintf("name = \"office\"\nfolder = %q\nlisten = \"127.0.0.1:%d\"\nregistration = \"open\"\n", w.profile(args[0]), w.port)
	config += strings.Join(args[1:], "\n")
	file := w.profile(args[0] + ".toml")
	ts.Check(os.WriteFile(file, []byte(config), 0o600))
	links, err := w.startServer(file)
	ts.Check(err)
	if len(links) == 0 {
		ts.Fatalf("serve printed no address")
	}
	ts.Setenv("network", links[0])
	ts.Setenv("owner", links[len(links)-1])
}

func (w *world) startServer(file string) (links []string, err error) {
	cmd := exec.Command(filepath.Join(bin, "switchboard"), "serve", "--config", file)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	h := &hostProcess{cmd: cmd, exited: make(chan struct{}), stderr: &bytes.Buffer{}}
	cmd.Stderr = h.stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ready := make(chan []string, 1)
	go func() {
		var found []string
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "switchboard://") {
				found = append(found, lines.Text())
			}
			if lines.Text() == "ready" {
				ready <- found
			}
		}
		h.err = cmd.Wait()
		close(h.exited)
	}()
	w.server = h
	select {
	case links = <-ready:
		return links, nil
	case <-h.exited:
		return nil, fmt.Errorf("serve: %w: %s", h.err, h.stderr)
	case <-time.After(patience):
		return nil, fmt.Errorf("serve was not ready in time: %s", h.stderr)
	}
}

func (w *world) endServer() error {
	h := w.server
	if h == nil {
		return nil
	}
	w.server = nil
	_ = h.cmd.Process.Signal(syscall.SIGTERM) // fails only if it is gone
	select {
	case <-h.exited:
		return h.err
	case <-time.After(patience):
		_ = h.cmd.Process.Kill()
		<-h.exited
		return fmt.Errorf("serve did not end by SIGTERM")
	}
}

// Command package makes packages of a tree of files as it is to be installed: a
// .deb with nfpm, a .tar.gz of the same files, and a .zip of another tree. What it
// writes depends on the files and the flags alone: times are that of
// SOURCE_DATE_EPOCH, owners are root. It knows neither how the program is built nor
// what the files are for.
package main

import (
	"archive/tar"
	"archive/zip"
	"compress/flate"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
)

const description = `messenger whose every capability is a plugin in a sandbox
 Write to people on your own network, with no server or with one: messages,
 groups and pictures, kept on disk before anybody is told that they are safe,
 and in one order on all devices. A network can be carried by one of the
 computers in it. Plugins run in processes of their own and get only what they
 were granted.`

func main() {
	var o options
	flag.StringVar(&o.tree, "tree", "", "the files, with usr/ in it")
	flag.StringVar(&o.version, "version", "", "a Debian version")
	flag.StringVar(&o.arch, "arch", "amd64", "what the programs run on")
	flag.StringVar(&o.depends, "depends", "", "packages needed, separated by commas")
	flag.StringVar(&o.recommends, "recommends", "", "packages recommended")
	flag.StringVar(&o.deb, "deb", "", "write a Debian package to this file")
	flag.StringVar(&o.tar, "tar", "", "write what is in usr/ to this .tar.gz")
	flag.StringVar(&o.zip, "zip", "", "write the tree to this .zip")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "package:", err)
		os.Exit(1)
	}
}

type options struct {
	tree, version, arch, depends, recommends, deb, tar, zip string
}

func run(o options) error {
	seconds, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil {
		return fmt.Errorf("SOURCE_DATE_EPOCH must be set to seconds: %w", err)
	}
	when := time.Unix(seconds, 0).UTC()
	if o.deb != "" {
		err = write(o.deb, func(w io.Writer) error { return debian(w, o, when) })
	}
	if o.tar != "" && err == nil {
		top := strings.TrimSuffix(filepath.Base(o.tar), ".tar.gz")
		err = write(o.tar, func(w io.Writer) error { return tarball(w, filepath.Join(o.tree, "usr"), top, when) })
	}
	if o.zip != "" && err == nil {
		top := strings.TrimSuffix(filepath.Base(o.zip), ".zip")
		err = write(o.zip, func(w io.Writer) error { return zipped(w, o.tree, top, when) })
	}
	return err
}

// write makes a file whole or not at all.
func write(file string, f func(io.Writer) error) error {
	out, err := os.Create(file + ".part")
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	if err := errors.Join(f(out), out.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", file, err), os.Remove(out.Name()))
	}
	return os.Rename(out.Name(), file)
}

func list(s string) (out []string) {
	for _, one := range strings.Split(s, ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

func debian(w io.Writer, o options, when time.Time) error {
	var all files.Contents
	err := walk(o.tree, func(name, from string, info fs.FileInfo) error {
		c := &files.Content{Destination: "/" + name, Source: from, FileInfo: &files.ContentFileInfo{Owner: "root", Group: "root", MTime: when, Mode: mode(info)}}
		switch {
		case info.IsDir():
			if !strings.HasPrefix(name, "usr/lib/switchboard") && name != "usr/share/doc/switchboard" {
				return nil // they are the system's; what is in them makes them
			}
			c.Type, c.Source = files.TypeDir, ""
		case info.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(from)
			if err != nil {
				return err
			}
			c.Type, c.Source = files.TypeSymlink, to
		}
		all = append(all, c)
		return nil
	})
	if err != nil {
		return err
	}
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: "switchboard", Arch: o.arch, Platform: "linux", Version: o.version, VersionSchema: "none", Section: "net", Priority: "optional",
		Maintainer: "Switchboard maintainers <switchboard@example.org>", Description: description, DisableGlobbing: true, MTime: when,
		Overridables: nfpm.Overridables{Depends: list(o.depends), Recommends: list(o.recommends), Contents: all},
	})
	if err := nfpm.PrepareForPackager(info, "deb"); err != nil {
		return err
	}
	return deb.Default.Package(info, w)
}

// mode is what a file may be used for; who unpacked the source does not matter.
func mode(info fs.FileInfo) fs.FileMode {
	if info.IsDir() || info.Mode()&0o100 != 0 {
		return 0o755
	}
	return 0o644
}

// walk goes through a tree in the order of names, which are with slashes.
func walk(tree string, f func(name, from string, info fs.FileInfo) error) error {
	return filepath.WalkDir(tree, func(from string, e fs.DirEntry, err error) error {
		if err != nil || from == tree {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(tree, from)
		if err != nil {
			return err
		}
		return f(filepath.ToSlash(name), from, info)
	})
}

func tarball(w io.Writer, tree, top string, when time.Time) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	err = walk(tree, func(name, from string, info fs.FileInfo) error {
		h := &tar.Header{Name: path.Join(top, name), Mode: int64(mode(info)), ModTime: when, Uname: "root", Gname: "root", Format: tar.FormatPAX}
		switch {
		case info.IsDir():
			h.Typeflag, h.Name = tar.TypeDir, h.Name+"/"
		case info.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(from)
			if err != nil {
				return err
			}
			h.Typeflag, h.Linkname = tar.TypeSymlink, to
		default:
			h.Typeflag, h.Size = tar.TypeReg, info.Size()
		}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		return pour(t, from, h.Typeflag == tar.TypeReg)
	})
	return errors.Join(err, t.Close(), z.Close())
}

func zipped(w io.Writer, tree, top string, when time.Time) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	err := walk(tree, func(name, from string, info fs.FileInfo) error {
		if info.IsDir() {
			return nil
		}
		out, err := z.CreateHeader(&zip.FileHeader{Name: path.Join(top, name), Method: zip.Deflate, Modified: when})
		if err != nil {
			return err
		}
		return pour(out, from, true)
	})
	return errors.Join(err, z.Close())
}

// pour copies a file, if it is one.
func pour(w io.Writer, from string, is bool) error {
	if !is {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, in)
	return errors.Join(err, in.Close())
}

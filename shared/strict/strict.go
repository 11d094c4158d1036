// Package strict reads TOML files that people write and decisions depend on:
// unknown keys are faults, and every fault names its file and line. It knows no
// particular file; shared/manifest and host/policy say what theirs may hold.
package strict

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// MaxFile bounds a file before it is parsed.
const MaxFile = 256 << 10

// Fault is what is wrong with a file. Line 0 means the file as a whole.
type Fault struct {
	File    string
	Line    int
	Message string
}

// Error is "file:line: message", as compilers write it.
func (f *Fault) Error() string {
	if f.Line <= 0 {
		return f.File + ": " + f.Message
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message)
}

// Doc knows where each key of a decoded file stands.
type Doc struct {
	file  string
	lines map[string]int
}

// Decode fills out from data. Keys that out does not know are a *Fault.
func Decode(data []byte, file string, out any) (*Doc, error) {
	if len(data) > MaxFile {
		return nil, &Fault{File: file, Message: fmt.Sprintf("the file is larger than %d bytes", MaxFile)}
	}
	d := toml.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(out); err != nil {
		return nil, decodeFault(file, err)
	}
	return &Doc{file: file, lines: keyLines(data)}, nil
}

func decodeFault(file string, err error) *Fault {
	var missing *toml.StrictMissingError
	if errors.As(err, &missing) && len(missing.Errors) > 0 {
		first := missing.Errors[0]
		line, _ := first.Position()
		return &Fault{file, line, fmt.Sprintf("unknown key %.100q", strings.Join(first.Key(), "."))}
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		line, _ := bad.Position()
		return &Fault{file, line, strings.TrimPrefix(bad.Error(), "toml: ")}
	}
	return &Fault{File: file, Message: strings.TrimPrefix(err.Error(), "toml: ")}
}

// Line is where a key stands: "name", "session.kind", "grant[1].why". A key that
// is absent has the line of its nearest table, or 0.
func (d *Doc) Line(path string) int {
	for path != "" {
		if n, ok := d.lines[path]; ok {
			return n
		}
		i := strings.LastIndexByte(path, '.')
		if i < 0 {
			break
		}
		path = path[:i]
	}
	return 0
}

// Fault makes a fault at a key.
func (d *Doc) Fault(path, format string, args ...any) *Fault {
	return &Fault{d.file, d.Line(path), fmt.Sprintf(format, args...)}
}

// keyLines walks the syntax tree once. The file was decoded before, so syntax
// errors cannot occur here.
func keyLines(data []byte) map[string]int {
	lines := map[string]int{}
	counts := map[string]int{}
	table := ""
	var p unstable.Parser
	p.Reset(data)
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table:
			path, line := tableKey(&p, e)
			table = path
			setOnce(lines, path, line)
		case unstable.ArrayTable:
			path, line := tableKey(&p, e)
			n := counts[path]
			counts[path] = n + 1
			table = fmt.Sprintf("%s[%d]", path, n)
			setOnce(lines, table, line)
		case unstable.KeyValue:
			path, line := tableKey(&p, e)
			if table != "" {
				path = table + "." + path
			}
			setOnce(lines, path, line)
		}
	}
	return lines
}

func setOnce(lines map[string]int, path string, line int) {
	if _, ok := lines[path]; !ok {
		lines[path] = line
	}
}

func tableKey(p *unstable.Parser, n *unstable.Node) (string, int) {
	var parts []string
	line := 0
	for it := n.Key(); it.Next(); {
		k := it.Node()
		parts = append(parts, string(k.Data))
		if line == 0 {
			line = p.Shape(k.Raw).Start.Line
		}
	}
	return strings.Join(parts, "."), line
}

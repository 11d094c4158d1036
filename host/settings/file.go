package settings

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Version is the version of settings.toml that this program writes.
const Version = 2

var keyForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,7}$`)

// MaxFile bounds settings.toml in bytes.
const MaxFile = 1 << 20

// migrations[n] brings the values of version n to version n+1. Version 0 is a
// file without a version: its keys were the same.
var migrations = []func(values map[string]string){
	func(map[string]string) {},
	splitProxy,
}

// splitProxy makes of network.mode and network.proxy (host, or host:port; always
// SOCKS 5) what a person is asked for now.
func splitProxy(values map[string]string) {
	mode, proxy := values["network.mode"], values["network.proxy"]
	delete(values, "network.mode")
	delete(values, "network.proxy")
	if mode != "socks5" && proxy == "" {
		return
	}
	values["network.proxy_type"] = "socks5"
	values["network.use_proxy"] = strconv.FormatBool(mode == "socks5")
	if host, port, err := net.SplitHostPort(proxy); err == nil {
		values["network.proxy_port"] = port
		proxy = host
	}
	values["network.proxy_address"] = proxy
}

func load(path string) (map[string]string, error) {
	data, err := readBounded(path)
	if errors.Is(err, os.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the settings cannot be read: %w", err)
	}
	version, values, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be understood (%w); repair the file or move it away", path, err)
	}
	if version > Version {
		return nil, fmt.Errorf("%s was written by a newer Switchboard (version %d, this one knows %d); use that one", path, version, Version)
	}
	if version == Version {
		return values, nil
	}
	if err := writeFile(path+".v"+strconv.Itoa(version), data); err != nil {
		return nil, fmt.Errorf("the settings could not be copied before migrating them: %w", err)
	}
	for v := version; v < Version; v++ {
		migrations[v](values)
	}
	if err := save(path, values); err != nil {
		return nil, fmt.Errorf("the migrated settings could not be saved: %w", err)
	}
	return values, nil
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, MaxFile)
	}
	return data, nil
}

// parse reads a file into its version and flat values: a table's name and a dot
// stand before its keys.
func parse(data []byte) (int, map[string]string, error) {
	var doc map[string]any
	if err := toml.Unmarshal(data, &doc); err != nil {
		var at *toml.DecodeError
		if errors.As(err, &at) {
			row, _ := at.Position()
			return 0, nil, fmt.Errorf("line %d: %s", row, at.Error())
		}
		return 0, nil, err
	}
	version := 0
	if v, ok := doc["version"]; ok {
		n, isInt := v.(int64)
		if !isInt || n < 0 || n > 1<<20 {
			return 0, nil, errors.New("version is not a whole number")
		}
		version = int(n)
		delete(doc, "version")
	}
	values := map[string]string{}
	if err := flatten("", doc, values, 0); err != nil {
		return 0, nil, err
	}
	return version, values, nil
}

func flatten(prefix string, table map[string]any, into map[string]string, depth int) error {
	if depth > 8 {
		return fmt.Errorf("%s is nested too deeply", prefix)
	}
	for k, v := range table {
		key := k
		if prefix != "" {
			key = prefix + "." + k
		}
		if !keyForm.MatchString(key) {
			return fmt.Errorf("%.80q is not the name of a setting", key)
		}
		if _, double := into[key]; double {
			return fmt.Errorf("%s stands there twice", key)
		}
		switch v := v.(type) {
		case map[string]any:
			if err := flatten(key, v, into, depth+1); err != nil {
				return err
			}
		case string:
			into[key] = v
		case bool:
			into[key] = strconv.FormatBool(v)
		case int64:
			into[key] = strconv.FormatInt(v, 10)
		default:
			return fmt.Errorf("%s is neither text, a whole number nor true or false", key)
		}
	}
	return nil
}

// save writes the values as tables of two levels at most; the types follow from
// the text, so that a person finds true and 100 and not "true" and "100".
func save(path string, values map[string]string) error {
	doc := map[string]any{"version": Version}
	for key, value := range values {
		table := doc
		parts := strings.Split(key, ".")
		// A key that passes through another key's value (a.b and a.b.c) stays whole.
		for len(parts) > 1 {
			next, ok := table[parts[0]].(map[string]any)
			if !ok {
				if _, taken := table[parts[0]]; taken || isLeaf(values, key, parts) {
					break
				}
				next = map[string]any{}
				table[parts[0]] = next
			}
			table, parts = next, parts[1:]
		}
		table[strings.Join(parts, ".")] = native(value)
	}
	data, err := toml.Marshal(doc)
	if err != nil {
		return err
	}
	return writeFile(path, data)
}

// isLeaf tells whether the part of key up to and including parts[0] is itself
// the key of a value.
func isLeaf(values map[string]string, key string, parts []string) bool {
	rest := strings.Join(parts[1:], ".")
	_, leaf := values[strings.TrimSuffix(key, "."+rest)]
	return leaf
}

func native(value string) any {
	switch value {
	case "true":
		return true
	case "false":
		return false
	}
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && strconv.FormatInt(n, 10) == value {
		return n
	}
	return value
}

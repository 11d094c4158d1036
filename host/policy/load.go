package policy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"sort"

	"switchboard/shared/manifest"
	"switchboard/shared/strict"
)

// Bounds of a policy file.
const (
	maxMessage = 512
	maxRules   = 1024
	maxQuotaMB = 1 << 20 // 1 TiB
)

var (
	pluginName  = regexp.MustCompile(`^(\*|[a-z][a-z0-9-]{0,31})$`)
	settingName = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,99}$`)
)

type rawPolicy struct {
	Message string               `toml:"message"`
	Host    rawHost              `toml:"host"`
	Plugin  map[string]rawPlugin `toml:"plugin"`
	Setting map[string]rawLock   `toml:"settings"`
}

type rawHost struct {
	Isolation string `toml:"isolation"`
	Message   string `toml:"message"`
}

type rawPlugin struct {
	Enabled      *bool    `toml:"enabled"`
	Offers       *bool    `toml:"offers"`
	Companion    *bool    `toml:"companion"`
	DenyGrants   []string `toml:"deny_grants"`
	DenyCommands []string `toml:"deny_commands"`
	QuotaMB      *int64   `toml:"quota_mb"`
	Message      string   `toml:"message"`
}

type rawLock struct {
	Value   string `toml:"value"`
	Message string `toml:"message"`
}

// Load reads the administrator's files in order, those that do not exist left
// out, and then extra (which must exist when named): it may only add refusals
// and locks. The strictest of all wins. The error says what is wrong first; the
// policy then refuses everything that sends, and is never nil.
func Load(files []string, extra string) (*Policy, error) {
	p := &Policy{plugins: map[string]*pluginRule{}, locks: map[string]Lock{}}
	for _, file := range files {
		p.read(file, false)
	}
	if extra != "" {
		p.read(extra, true)
	}
	return p, p.fault
}

// Parse reads one policy from memory, as Load does from a file.
func Parse(data []byte, file string) (*Policy, error) {
	p := &Policy{plugins: map[string]*pluginRule{}, locks: map[string]Lock{}}
	p.add(data, file, false)
	return p, p.fault
}

func (p *Policy) read(file string, extra bool) {
	data, err := readFile(file)
	if errors.Is(err, fs.ErrNotExist) && !extra {
		return
	}
	if err != nil {
		p.fail(&strict.Fault{File: file, Message: fmt.Sprintf("the file cannot be read: %v", err)})
		return
	}
	p.add(data, file, extra)
}

func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, strict.MaxFile+1))
}

// fail keeps the first fault; the rules that could be read stay in force.
func (p *Policy) fail(err error) {
	if p.fault == nil {
		p.fault = err
	}
}

func (p *Policy) add(data []byte, file string, extra bool) {
	var raw rawPolicy
	doc, err := strict.Decode(data, file, &raw)
	if err != nil {
		p.fail(err)
		return
	}
	if len(raw.Plugin)+len(raw.Setting) > maxRules {
		p.fail(doc.Fault("", "more than %d rules", maxRules))
		return
	}
	p.addMessage(doc, "message", &p.message, raw.Message)
	p.addHost(doc, raw.Host)
	for _, name := range keys(raw.Plugin) {
		p.addPlugin(doc, name, raw.Plugin[name])
	}
	for _, key := range keys(raw.Setting) {
		p.addLock(doc, file, key, raw.Setting[key], extra)
	}
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out) // the same file always gives the same first fault
	return out
}

// addMessage sets a sentence unless an earlier, more authoritative file has.
func (p *Policy) addMessage(doc *strict.Doc, path string, to *string, message string) {
	if len(message) > maxMessage {
		p.fail(doc.Fault(path, "the message is longer than %d bytes", maxMessage))
		return
	}
	if *to == "" {
		*to = message
	}
}

func (p *Policy) addHost(doc *strict.Doc, h rawHost) {
	switch h.Isolation {
	case "":
	case "full":
		p.isolation.refused = true
		p.addMessage(doc, "host.message", &p.isolation.message, h.Message)
	case "any":
	default:
		p.fail(doc.Fault("host.isolation", "isolation is %q; it must be full or any", h.Isolation))
	}
}

func (p *Policy) addPlugin(doc *strict.Doc, name string, r rawPlugin) {
	at := "plugin." + name
	if !pluginName.MatchString(name) {
		p.fail(doc.Fault(at, "%q is not a plugin's id", name))
		return
	}
	if len(r.Message) > maxMessage {
		p.fail(doc.Fault(at+".message", "the message is longer than %d bytes", maxMessage))
		return
	}
	to := p.plugins[name]
	if to == nil {
		to = &pluginRule{grants: map[string]string{}, commands: map[string]string{}}
		p.plugins[name] = to
	}
	p.addQuota(doc, at, to, r.QuotaMB)
	tighten(&to.enable, r.Enabled, r.Message)
	tighten(&to.offers, r.Offers, r.Message)
	tighten(&to.companion, r.Companion, r.Message)
	for _, g := range r.DenyGrants {
		if !slices.Contains(manifest.GrantNames, g) {
			p.fail(doc.Fault(at+".deny_grants", "there is no grant %q", g))
		}
		deny(to.grants, g, r.Message)
	}
	for _, c := range r.DenyCommands {
		if !pluginName.MatchString(c) {
			p.fail(doc.Fault(at+".deny_commands", "%q is not a command's name", c))
		}
		deny(to.commands, c, r.Message)
	}
}

// addQuota keeps the smallest: a later file does not give more room.
func (p *Policy) addQuota(doc *strict.Doc, at string, to *pluginRule, mb *int64) {
	switch {
	case mb == nil:
	case *mb < 1 || *mb > maxQuotaMB:
		p.fail(doc.Fault(at+".quota_mb", "quota_mb is %d; it must be 1 to %d", *mb, maxQuotaMB))
	default:
		to.quota = smaller(to.quota, *mb<<20)
	}
}

// tighten only ever adds a refusal: "true" in a later file does not lift one.
func tighten(r *rule, allow *bool, message string) {
	if allow == nil || *allow || r.refused {
		return
	}
	*r = rule{refused: true, message: message}
}

func deny(m map[string]string, name, message string) {
	if _, ok := m[name]; !ok {
		m[name] = message
	}
}

// addLock fixes a setting. Two administrators' files that disagree are a fault,
// because which value is stricter cannot be known; an extra file never wins.
func (p *Policy) addLock(doc *strict.Doc, file, key string, l rawLock, extra bool) {
	at := "settings." + key
	switch {
	case !settingName.MatchString(key):
		p.fail(doc.Fault(at, "%q is not a setting's name", key))
		return
	case len(l.Message) > maxMessage || len(l.Value) > manifest.MaxSettingValue:
		p.fail(doc.Fault(at, "the value or the message is too long"))
		return
	}
	old, ok := p.locks[key]
	if ok && old.Value != l.Value && !extra {
		p.fail(doc.Fault(at, "%s:%d already fixes this setting to %q", old.File, old.Line, old.Value))
	}
	if ok {
		return
	}
	p.locks[key] = Lock{Key: key, Value: l.Value, Message: l.Message, File: file, Line: doc.Line(at)}
}

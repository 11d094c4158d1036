// Package manifest reads plugin.toml, the identity, contributions and needs of
// one plugin. Every decision about a plugin is made from its manifest before
// anything of it is executed. The package knows no hosts and starts nothing.
package manifest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"switchboard/shared/strict"
)

// FileName is the manifest's name in a plugin's folder.
const FileName = "plugin.toml"

// Kind tells the two kinds of plugin apart.
type Kind string

// The kinds of plugin.
const (
	Feature Kind = "feature"
	Network Kind = "network"
)

// SessionKind says how sessions of a plugin begin.
type SessionKind string

// Kinds of session. NoSession is a plugin without any.
const (
	NoSession SessionKind = ""
	Standing  SessionKind = "standing" // always there in every conversation
	Offer     SessionKind = "offer"    // begins with an offer that is accepted
	Solo      SessionKind = "solo"     // in the conversation with oneself
)

// EndRule says what ends a session.
type EndRule string

// The rules that end a session.
const (
	EndOwner EndRule = "owner" // who offered it leaves or ends it
	EndLast  EndRule = "last"  // the last member leaves
	EndNever EndRule = "never"
)

// The grants a manifest may ask for.
const (
	GrantPeers      = "peers"
	GrantTimeline   = "timeline"
	GrantFiles      = "files"
	GrantCamera     = "camera"
	GrantMicrophone = "microphone"
	GrantScreen     = "screen"
	GrantInput      = "input"
	GrantSecrets    = "secrets"
	GrantDirect     = "direct"
	GrantNetwork    = "network"
	GrantLaunch     = "launch"
)

// GrantNames are all grants, in the order in which they are shown.
var GrantNames = []string{
	GrantPeers, GrantTimeline, GrantFiles, GrantCamera, GrantMicrophone, GrantScreen,
	GrantInput, GrantSecrets, GrantDirect, GrantNetwork, GrantLaunch,
}

// Manifest is one plugin.toml, valid as a whole. Treat it as immutable.
type Manifest struct {
	ID        string
	Name      string
	Version   string
	Summary   string
	Publisher string
	License   string
	Kind      Kind
	Contract  int
	// Exec is the program and its arguments; Exec[0] is a file in the folder or
	// the name of an interpreter.
	Exec     []string
	Protocol int
	Accepts  []int
	// Icon is SVG path data of a 24-unit box, one colour.
	Icon      string
	Resident  bool
	DefaultOn bool
	Search    bool
	Session   Session
	Grants    []Grant
	Actions   []Action
	Commands  []Command
	Settings  []Setting
	Companion Companion
}

// Session is the [session] table; Kind is NoSession when it is absent.
type Session struct {
	Kind       SessionKind
	Ends       EndRule
	OfferTTL   time.Duration
	MaxMembers int // 0 is no limit
}

// Standing tells whether every conversation has a session without an offer.
func (s Session) Standing() bool { return s.Kind == Standing }

// Offered tells whether sessions begin with an offer.
func (s Session) Offered() bool { return s.Kind == Offer }

// Solo tells whether sessions live in the conversation with oneself.
func (s Session) Solo() bool { return s.Kind == Solo }

// Grant is a power that the plugin asks for, with the sentence that says why.
type Grant struct {
	Name     string
	Why      string
	Optional bool
}

// Action is an entry in a conversation's header.
type Action struct{ ID, Title, Icon string }

// Command is what can be run from the command line and by other tools.
type Command struct {
	Name    string
	Session bool // in a conversation; otherwise for the plugin as a whole
	Summary string
	Args    []Arg
}

// Arg is one argument of a command. Type is string, int, bool or strings.
type Arg struct {
	Name, Type, Summary string
	Required            bool
	Max                 int // bytes of a string, or the greatest int; 0 is the bound of the contract
}

// Setting is one row of the plugin's settings page. Values are in text form.
type Setting struct {
	Key, Title, Help, Section string
	Kind                      string // bool int text secret choice
	Default                   string
	Min, Max                  int
	Choices                   []Choice
}

// Choice is one option of a choice setting.
type Choice struct{ ID, Text string }

// Companion is the server that a network plugin declares; Exec is empty without.
type Companion struct{ Exec []string }

// Grant finds a grant that the manifest asks for.
func (m *Manifest) Grant(name string) (Grant, bool) {
	i := slices.IndexFunc(m.Grants, func(g Grant) bool { return g.Name == name })
	if i < 0 {
		return Grant{}, false
	}
	return m.Grants[i], true
}

// Command finds a contributed command.
func (m *Manifest) Command(name string) (Command, bool) {
	i := slices.IndexFunc(m.Commands, func(c Command) bool { return c.Name == name })
	if i < 0 {
		return Command{}, false
	}
	return m.Commands[i], true
}

// Setting finds a setting by its key.
func (m *Manifest) Setting(key string) (Setting, bool) {
	i := slices.IndexFunc(m.Settings, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		return Setting{}, false
	}
	return m.Settings[i], true
}

// Capability is what presence says about the plugin: "im/1".
func (m *Manifest) Capability() string { return m.ID + "/" + strconv.Itoa(m.Protocol) }

// Speaks tells whether the plugin understands a protocol of a peer.
func (m *Manifest) Speaks(protocol int) bool {
	return protocol == m.Protocol || slices.Contains(m.Accepts, protocol)
}

// Parse reads a manifest. Errors are *strict.Fault with file and line.
func Parse(data []byte, file string) (*Manifest, error) {
	var raw rawManifest
	doc, err := strict.Decode(data, file, &raw)
	if err != nil {
		return nil, err
	}
	m, fault := raw.build(doc)
	if fault != nil {
		return nil, fault
	}
	return m, nil
}

// Load reads the manifest in a plugin's folder.
func Load(dir string) (*Manifest, error) {
	file := filepath.Join(dir, FileName)
	// Opening a pipe would wait for a writer.
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read the manifest: %s is not a file", file)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	defer f.Close()
	data, err := readAll(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return Parse(data, file)
}

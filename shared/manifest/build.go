package manifest

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/strict"
)

var (
	idPattern      = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	keyPattern     = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,47}$`)
	choicePattern  = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,47}$`) // "30d" is one
	versionPattern = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.-]{1,40})?$`)
	iconPattern    = regexp.MustCompile(`^[MmLlHhVvCcSsQqTtAaZz0-9eE+\-., \t\n]*$`)
	execPattern    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
)

// Bounds of a manifest. They are generous: what exceeds them is a mistake.
const (
	maxName     = 64
	maxSentence = 256
	maxIcon     = 8 << 10
	maxEntries  = 64
	maxExecArgs = 16
	maxProtocol = 1 << 20
)

// builder collects the first fault so that the checks read as a list.
type builder struct {
	doc   *strict.Doc
	fault *strict.Fault
}

func (b *builder) bad(path, format string, args ...any) {
	if b.fault == nil {
		b.fault = b.doc.Fault(path, format, args...)
	}
}

func (b *builder) text(path, value string, limit int, required bool) {
	switch {
	case required && strings.TrimSpace(value) == "":
		b.bad(path, "%q is missing", path)
	case len(value) > limit:
		b.bad(path, "%q is longer than %d bytes", path, limit)
	case !printable(value):
		b.bad(path, "%q holds characters that cannot be shown", path)
	}
}

// printable refuses control characters, and those that turn the direction of
// what stands around them: a name is shown beside the host's own words.
func printable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
	}) < 0
}

func (b *builder) pattern(path, value string, p *regexp.Regexp, what string) {
	if !p.MatchString(value) {
		b.bad(path, "%q is %q; it must be %s", path, value, what)
	}
}

func (b *builder) oneOf(path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		b.bad(path, "%q is %q; it must be one of %s", path, value, strings.Join(allowed, ", "))
	}
}

func (r *rawManifest) build(doc *strict.Doc) (*Manifest, *strict.Fault) {
	b := &builder{doc: doc}
	m := &Manifest{
		ID: r.ID, Name: r.Name, Version: r.Version, Summary: r.Summary, Publisher: r.Publisher,
		License: r.License, Kind: Kind(r.Kind), Contract: r.Contract, Icon: r.Icon,
		Resident: r.Resident, Search: r.Search, Protocol: 1, DefaultOn: true,
	}
	b.identity(r)
	b.protocols(r, m)
	m.Exec = b.exec("exec", r.Exec)
	if r.Default != nil {
		b.oneOf("default", *r.Default, "on", "off")
		m.DefaultOn = *r.Default == "on"
	}
	b.session(r.Session, m)
	b.grants(r.Grants, m)
	b.actions(r.Actions, m)
	b.commands(r.Commands, m)
	b.settings(r.Settings, m)
	b.kindRules(r, m)
	if b.fault != nil {
		return nil, b.fault
	}
	return m, nil
}

func (b *builder) identity(r *rawManifest) {
	b.pattern("id", r.ID, idPattern, "lower-case letters, digits and dashes, at most 32")
	b.text("name", r.Name, maxName, true)
	b.pattern("version", r.Version, versionPattern, "three numbers, like 1.2.0")
	b.text("summary", r.Summary, maxSentence, false)
	b.text("publisher", r.Publisher, maxName, false)
	b.text("license", r.License, maxName, false)
	b.oneOf("kind", r.Kind, string(Feature), string(Network))
	if r.Contract != contractv1.Contract {
		b.bad("contract", "the plugin needs contract %d; this program speaks %d", r.Contract, contractv1.Contract)
	}
	if len(r.Icon) > maxIcon || !iconPattern.MatchString(r.Icon) {
		b.bad("icon", "the icon must be SVG path data of at most %d bytes", maxIcon)
	}
}

func (b *builder) protocols(r *rawManifest, m *Manifest) {
	if r.Protocol != nil {
		m.Protocol = *r.Protocol
	}
	m.Accepts = slices.Clone(r.Accepts)
	if len(m.Accepts) == 0 {
		m.Accepts = []int{m.Protocol}
	}
	if m.Protocol < 1 || m.Protocol > maxProtocol {
		b.bad("protocol", "the protocol must be a number from 1 to %d", maxProtocol)
	}
	if len(m.Accepts) > maxEntries {
		b.bad("accepts", "more than %d protocols are accepted", maxEntries)
	}
	for _, p := range m.Accepts {
		if p < 1 || p > maxProtocol {
			b.bad("accepts", "an accepted protocol must be a number from 1 to %d", maxProtocol)
		}
	}
	if !slices.Contains(m.Accepts, m.Protocol) {
		b.bad("accepts", "the plugin's own protocol %d is not among those it accepts", m.Protocol)
	}
}

// exec takes one word or a list. The first word never is a path: it is a file
// in the plugin's folder or the name of an interpreter on this system.
func (b *builder) exec(path string, v any) []string {
	var argv []string
	switch v := v.(type) {
	case string:
		argv = []string{v}
	case []any:
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				b.bad(path, "%q must hold words only", path)
				return nil
			}
			argv = append(argv, s)
		}
	}
	if len(argv) == 0 || len(argv) > maxExecArgs {
		b.bad(path, "%q must name a file, or a list of one to %d words", path, maxExecArgs)
		return nil
	}
	b.pattern(path, argv[0], execPattern, "a file name without folders")
	for _, a := range argv[1:] {
		if len(a) > maxSentence || !printable(a) {
			b.bad(path, "a word of %q is too long or cannot be shown", path)
		}
		if filepath.IsAbs(a) || slices.Contains(strings.Split(a, "/"), "..") {
			b.bad(path, "%q must stay inside the plugin's folder, not %q", path, a)
		}
	}
	return argv
}

func (b *builder) session(r *rawSession, m *Manifest) {
	if r == nil {
		return
	}
	b.oneOf("session.kind", r.Kind, string(Standing), string(Offer), string(Solo))
	m.Session = Session{Kind: SessionKind(r.Kind), MaxMembers: r.MaxMembers, Ends: EndLast, OfferTTL: time.Minute}
	if m.Session.Kind != Offer {
		m.Session.Ends = EndNever
	}
	if r.Ends != nil {
		b.oneOf("session.ends", *r.Ends, string(EndOwner), string(EndLast), string(EndNever))
		m.Session.Ends = EndRule(*r.Ends)
	}
	if r.OfferTTL != "" {
		ttl, err := time.ParseDuration(r.OfferTTL)
		if err != nil || ttl < time.Second || ttl > maxOfferTTL {
			b.bad("session.offer_ttl", "%q must be a time from 1s to 24h, like 60s", "session.offer_ttl")
		}
		m.Session.OfferTTL = ttl
	}
	if r.MaxMembers < 0 || r.MaxMembers > 100_000 {
		b.bad("session.max_members", "%q must be from 0 (no limit) to 100000", "session.max_members")
	}
}

func (b *builder) grants(rs []rawGrant, m *Manifest) {
	seen := map[string]bool{}
	for i, r := range rs {
		at := index("grant", i)
		b.oneOf(at+".name", r.Name, GrantNames...)
		b.text(at+".why", r.Why, maxSentence, true)
		b.unique(seen, at, r.Name)
		m.Grants = append(m.Grants, Grant(r))
	}
}

func (b *builder) actions(rs []rawAction, m *Manifest) {
	b.count("action", len(rs))
	seen := map[string]bool{}
	for i, r := range rs {
		at := index("action", i)
		b.pattern(at+".id", r.ID, keyPattern, "a short lower-case word")
		b.text(at+".title", r.Title, maxName, true)
		b.text(at+".icon", r.Icon, maxName, false)
		b.unique(seen, at, r.ID)
		m.Actions = append(m.Actions, Action(r))
	}
}

func (b *builder) kindRules(r *rawManifest, m *Manifest) {
	if r.Companion != nil {
		m.Companion.Exec = b.exec("companion.exec", r.Companion.Exec)
		if m.Kind != Network {
			b.bad("companion", "only a network plugin may have a companion")
		}
	}
	if m.Kind == Network && (m.Session.Kind != NoSession || len(m.Actions) > 0 || m.Search) {
		b.bad("session", "a network plugin has no sessions, actions or search")
	}
	if _, ok := m.Grant(GrantNetwork); ok && m.Kind != Network {
		b.bad("grant", "the grant \"network\" is for network plugins only; ask for \"direct\"")
	}
	if m.Session.Kind == NoSession && len(m.Actions) > 0 {
		b.bad("action[0]", "an action needs a [session]")
	}
}

func (b *builder) count(what string, n int) {
	if n > maxEntries {
		b.bad(index(what, maxEntries), "more than %d entries of %q", maxEntries, what)
	}
}

func (b *builder) unique(seen map[string]bool, at, name string) {
	if seen[name] {
		b.bad(at, "%q is there twice", name)
	}
	seen[name] = true
}

func index(what string, i int) string { return fmt.Sprintf("%s[%s]", what, strconv.Itoa(i)) }

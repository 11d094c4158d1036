package bridge

import (
	"fmt"
	"strings"

	contractv1 "switchboard/shared/contract/v1"
)

// Place says on which handle a message may come.
type Place uint8

// The places of a message.
const (
	OnPlugin  Place = 1 << iota // handle 0
	OnSession                   // an open session
)

// Rule says who may send a message. Messages that are not in the table are of a
// newer contract and are ignored.
type Rule struct {
	// Message is the frame's name in the contract; calls are "call.<name>".
	Message string
	// Kind of plugin that may send it; "" is any.
	Kind  string
	Place Place
	// Grants of which one is needed; none when empty.
	Grants []string
}

// Rules is the published table of what a plugin may say. There is one test for
// each row.
var Rules = []Rule{
	{Message: "session_ready", Kind: Feature, Place: OnSession},
	{Message: "session_done", Kind: Feature, Place: OnSession},
	{Message: "show", Kind: Feature, Place: OnSession},
	{Message: "items", Kind: Feature, Place: OnSession},
	{Message: "patch", Kind: Feature, Place: OnSession},
	{Message: "view_command", Kind: Feature, Place: OnSession},
	{Message: "signal", Kind: Feature, Place: OnSession},
	{Message: "handled", Kind: Feature, Place: OnSession},
	{Message: "ack", Kind: Feature, Place: OnSession},
	{Message: "credit", Place: OnPlugin | OnSession},
	{Message: "command_reply", Place: OnPlugin | OnSession},
	{Message: "pong", Place: OnPlugin},
	{Message: "search_reply", Kind: Feature, Place: OnPlugin},
	{Message: "net_reply", Kind: Network, Place: OnPlugin},
	{Message: "net_event", Kind: Network, Place: OnPlugin},
	{Message: "call.update", Kind: Feature, Place: OnSession},
	{Message: "call.set_state", Kind: Feature, Place: OnSession},
	{Message: "call.summary", Kind: Feature, Place: OnSession},
	{Message: "call.end", Kind: Feature, Place: OnSession},
	{Message: "call.leave", Kind: Feature, Place: OnSession},
	{Message: "call.offer", Kind: Feature, Place: OnPlugin | OnSession},
	{Message: "call.fetch", Kind: Feature, Place: OnSession},
	{Message: "call.discard", Kind: Feature, Place: OnSession},
	{Message: "call.blob_want", Kind: Feature, Place: OnSession},
	{Message: "call.blob_put", Kind: Feature, Place: OnSession},
	{Message: "call.blob_get", Kind: Feature, Place: OnSession},
	{Message: "call.secret", Place: OnPlugin | OnSession, Grants: []string{"secrets"}},
	{Message: "call.dial", Place: OnPlugin | OnSession, Grants: []string{"network", "direct"}},
	{Message: "call.browse", Kind: Network, Place: OnPlugin, Grants: []string{"network"}},
	{Message: "call.companion", Kind: Network, Place: OnPlugin, Grants: []string{"network"}},
}

var ruleOf = func() map[string]Rule {
	m := make(map[string]Rule, len(Rules))
	for _, r := range Rules {
		m[r.Message] = r
	}
	return m
}()

// nameOf is a frame's name in the table, "" when this host does not know it.
func nameOf(f *contractv1.PluginFrame) string {
	switch b := f.GetBody().(type) {
	case *contractv1.PluginFrame_Ready:
		return "ready"
	case *contractv1.PluginFrame_SessionReady:
		return "session_ready"
	case *contractv1.PluginFrame_SessionDone:
		return "session_done"
	case *contractv1.PluginFrame_Call:
		return callName(b.Call)
	case *contractv1.PluginFrame_Show:
		return "show"
	case *contractv1.PluginFrame_Items:
		return "items"
	case *contractv1.PluginFrame_Patch:
		return "patch"
	case *contractv1.PluginFrame_ViewCommand:
		return "view_command"
	case *contractv1.PluginFrame_Signal:
		return "signal"
	case *contractv1.PluginFrame_Handled:
		return "handled"
	case *contractv1.PluginFrame_Ack:
		return "ack"
	case *contractv1.PluginFrame_Credit:
		return "credit"
	case *contractv1.PluginFrame_CommandReply:
		return "command_reply"
	case *contractv1.PluginFrame_SearchReply:
		return "search_reply"
	case *contractv1.PluginFrame_NetReply:
		return "net_reply"
	case *contractv1.PluginFrame_NetEvent:
		return "net_event"
	case *contractv1.PluginFrame_Pong:
		return "pong"
	}
	return ""
}

func callName(c *contractv1.HostCall) string {
	switch c.GetCall().(type) {
	case *contractv1.HostCall_Update:
		return "call.update"
	case *contractv1.HostCall_SetState:
		return "call.set_state"
	case *contractv1.HostCall_Summary:
		return "call.summary"
	case *contractv1.HostCall_End:
		return "call.end"
	case *contractv1.HostCall_Leave:
		return "call.leave"
	case *contractv1.HostCall_Offer:
		return "call.offer"
	case *contractv1.HostCall_Fetch:
		return "call.fetch"
	case *contractv1.HostCall_Secret:
		return "call.secret"
	case *contractv1.HostCall_Dial:
		return "call.dial"
	case *contractv1.HostCall_Companion:
		return "call.companion"
	case *contractv1.HostCall_Discard:
		return "call.discard"
	case *contractv1.HostCall_Browse:
		return "call.browse"
	case *contractv1.HostCall_BlobWant:
		return "call.blob_want"
	case *contractv1.HostCall_BlobPut:
		return "call.blob_put"
	case *contractv1.HostCall_BlobGet:
		return "call.blob_get"
	}
	return "call"
}

// costs says which messages cost credit.
func costs(name string) bool {
	switch name {
	case "show", "items", "patch", "view_command", "signal", "net_event":
		return true
	}
	return false
}

// allowed checks kind, place and grants. The place is a defect of the plugin;
// the rest is a refusal with a sentence.
func (c *Conn) allowed(r Rule, handle uint32) (refusal string, err error) {
	place := OnSession
	if handle == 0 {
		place = OnPlugin
	}
	if r.Place&place == 0 {
		return "", fmt.Errorf("%s on handle %d", r.Message, handle)
	}
	if r.Kind != "" && r.Kind != c.o.Kind {
		return fmt.Sprintf("Only a %s plugin may do this (%s).", r.Kind, r.Message), nil
	}
	if len(r.Grants) == 0 {
		return "", nil
	}
	for _, g := range r.Grants {
		if c.grants[g] {
			return "", nil
		}
	}
	return fmt.Sprintf("The plugin %s has no grant %s.", c.o.ID, strings.Join(r.Grants, " or ")), nil
}

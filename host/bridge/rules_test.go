package bridge

import (
	"fmt"
	"strings"
	"testing"

	contractv1 "switchboard/shared/contract/v1"
)

// samples has one good message for each row of the table.
var samples = map[string]func() *contractv1.PluginFrame{
	"session_ready": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_SessionReady{SessionReady: &contractv1.SessionReady{}}}
	},
	"session_done": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_SessionDone{SessionDone: &contractv1.SessionDone{}}}
	},
	"show": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_Show{Show: &contractv1.Show{Root: &contractv1.Node{}}}}
	},
	"items": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_Items{Items: &contractv1.ListItems{List: "l"}}}
	},
	"patch": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_Patch{Patch: &contractv1.ListPatch{List: "l"}}}
	},
	"view_command": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_ViewCommand{ViewCommand: &contractv1.ViewCommand{}}}
	},
	"signal": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_Signal{Signal: &contractv1.Signal{}}}
	},
	"handled": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_Handled{Handled: &contractv1.Handled{ActionId: "a"}}}
	},
	"ack": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_Ack{Ack: &contractv1.Ack{Seq: 1}}}
	},
	"credit": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_Credit{Credit: &contractv1.Credit{}}}
	},
	"command_reply": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_CommandReply{CommandReply: &contractv1.CommandReply{Id: "c", Result: []byte("1")}}}
	},
	"pong": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_Pong{Pong: &contractv1.Pong{}}}
	},
	"search_reply": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_SearchReply{SearchReply: &contractv1.SearchReply{Id: 1}}}
	},
	"net_reply": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_NetReply{NetReply: &contractv1.NetReply{Id: 1}}}
	},
	"net_event": func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_NetEvent{NetEvent: &contractv1.NetEvent{}}}
	},
	"call.update": call(&contractv1.HostCall{Call: &contractv1.HostCall_Update{Update: &contractv1.UpdateCall{}}}),
	"call.set_state": call(&contractv1.HostCall{Call: &contractv1.HostCall_SetState{
		SetState: &contractv1.StateCall{Key: "k", Scope: contractv1.StateValue_EVERYONE}}}),
	"call.summary":   call(&contractv1.HostCall{Call: &contractv1.HostCall_Summary{Summary: &contractv1.SummaryCall{}}}),
	"call.end":       call(&contractv1.HostCall{Call: &contractv1.HostCall_End{End: &contractv1.EndCall{}}}),
	"call.leave":     call(&contractv1.HostCall{Call: &contractv1.HostCall_Leave{Leave: &contractv1.LeaveCall{}}}),
	"call.offer":     call(&contractv1.HostCall{Call: &contractv1.HostCall_Offer{Offer: &contractv1.OfferCall{}}}),
	"call.fetch":     call(&contractv1.HostCall{Call: &contractv1.HostCall_Fetch{Fetch: &contractv1.FetchCall{}}}),
	"call.discard":   call(&contractv1.HostCall{Call: &contractv1.HostCall_Discard{Discard: &contractv1.DiscardCall{Id: "i"}}}),
	"call.blob_want": call(&contractv1.HostCall{Call: &contractv1.HostCall_BlobWant{BlobWant: &contractv1.BlobWantCall{Hash: strings.Repeat("0a", 32), Size: 1}}}),
	"call.blob_put":  call(&contractv1.HostCall{Call: &contractv1.HostCall_BlobPut{BlobPut: &contractv1.BlobPutCall{Data: []byte("x")}}}),
	"call.blob_get":  call(&contractv1.HostCall{Call: &contractv1.HostCall_BlobGet{BlobGet: &contractv1.BlobGetCall{Hash: strings.Repeat("0a", 32)}}}),
	"call.secret":    call(&contractv1.HostCall{Call: &contractv1.HostCall_Secret{Secret: &contractv1.SecretCall{Name: "n"}}}),
	"call.dial":      call(&contractv1.HostCall{Call: &contractv1.HostCall_Dial{Dial: &contractv1.DialCall{Network: "tcp", Address: "h:1"}}}),
	"call.browse":    call(&contractv1.HostCall{Call: &contractv1.HostCall_Browse{Browse: &contractv1.BrowseCall{}}}),
	"call.companion": call(&contractv1.HostCall{Call: &contractv1.HostCall_Companion{Companion: &contractv1.CompanionCall{}}}),
}

func call(c *contractv1.HostCall) func() *contractv1.PluginFrame {
	return func() *contractv1.PluginFrame {
		return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_Call{Call: &contractv1.HostCall{Id: 1, Call: c.GetCall()}}}
	}
}

func on(handle uint32, f *contractv1.PluginFrame) *contractv1.PluginFrame {
	f.Session = handle
	return f
}

// TestRules has one test for each row: what it allows passes, and what it does
// not is refused by an answer or ends the connection.
func TestRules(t *testing.T) {
	if len(samples) != len(Rules) {
		t.Fatalf("%d samples for %d rules", len(samples), len(Rules))
	}
	for _, r := range Rules {
		t.Run(r.Message, func(t *testing.T) {
			sample := samples[r.Message]
			kind, other := r.Kind, Network
			if kind == "" {
				kind = Feature
			}
			if kind == Network {
				other = Feature
			}
			handle, wrong := uint32(1), uint32(0)
			if r.Place&OnSession == 0 {
				handle, wrong = 0, 1
			}
			t.Run("allowed", func(t *testing.T) { allowed(t, kind, r, on(handle, sample())) })
			if r.Place != OnPlugin|OnSession {
				t.Run("wrong place", func(t *testing.T) {
					c, p, _ := connect(t, kind, r.Grants...)
					p.say(on(wrong, sample()))
					if got := broken(t, c); !strings.Contains(got, fmt.Sprintf("%s on handle %d", r.Message, wrong)) {
						t.Fatal(got)
					}
				})
			}
			if r.Place&OnSession != 0 {
				t.Run("not open", func(t *testing.T) {
					c, p, _ := connect(t, kind, r.Grants...)
					p.say(on(9, sample()))
					if got := broken(t, c); !strings.Contains(got, "which is not open") {
						t.Fatal(got)
					}
				})
			}
			if r.Kind != "" {
				t.Run("wrong kind", func(t *testing.T) { refused(t, other, r.Grants, on(handle, sample())) })
			}
			if len(r.Grants) > 0 {
				t.Run("no grant", func(t *testing.T) { refused(t, kind, []string{"peers"}, on(handle, sample())) })
			}
		})
	}
}

// allowed: the message reaches the sink, or the bridge keeps it to itself.
func allowed(t *testing.T, kind string, r Rule, f *contractv1.PluginFrame) {
	grants := r.Grants
	if len(grants) > 1 {
		grants = grants[1:] // any one is enough
	}
	c, p, h := connect(t, kind, grants...)
	switch r.Message {
	case "command_reply":
		_ = c.Send(&contractv1.HostFrame{Session: 1, Body: &contractv1.HostFrame_Command{Command: &contractv1.CommandCall{Id: "c"}}})
		p.hear(t, func(f *contractv1.HostFrame) bool { return f.GetCommand() != nil })
	case "search_reply":
		_ = c.Send(&contractv1.HostFrame{Body: &contractv1.HostFrame_Search{Search: &contractv1.SearchCall{Id: 1}}})
		p.hear(t, func(f *contractv1.HostFrame) bool { return f.GetSearch() != nil })
	case "net_reply":
		_ = c.Send(&contractv1.HostFrame{Body: &contractv1.HostFrame_Net{Net: &contractv1.NetCall{Id: 1}}})
		p.hear(t, func(f *contractv1.HostFrame) bool { return f.GetNet() != nil })
	}
	p.say(f)
	if r.Message == "credit" || r.Message == "pong" {
		// A later message shows that the connection goes on.
		p.say(on(1, samples["command_reply"]()), on(0, samples["call.secret"]()))
		p.hear(t, func(f *contractv1.HostFrame) bool {
			return f.GetReply().GetError().GetCode() == contractv1.Error_REFUSED
		})
		return
	}
	if got := h.next(t); nameOf(got) != r.Message {
		t.Fatalf("the sink heard %s", nameOf(got))
	}
}

// refused: a call gets an answer, anything else ends the connection.
func refused(t *testing.T, kind string, grants []string, f *contractv1.PluginFrame) {
	c, p, h := connect(t, kind, grants...)
	p.say(f)
	if f.GetCall() == nil {
		if got := broken(t, c); !strings.Contains(got, "from a "+kind+" plugin") {
			t.Fatal(got)
		}
		return
	}
	answer := p.hear(t, func(f *contractv1.HostFrame) bool { return f.GetReply() != nil }).GetReply()
	if answer.GetError().GetCode() != contractv1.Error_REFUSED || answer.GetError().GetMessage() == "" {
		t.Fatal(answer)
	}
	if len(h.frames) != 0 {
		t.Fatal("the sink heard it all the same")
	}
}

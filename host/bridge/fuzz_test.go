package bridge

import (
	"testing"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/time/rate"
	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

type nobody struct{}

func (nobody) PluginUp(string, *contractv1.Ready)          {}
func (nobody) PluginDown(string, error)                    {}
func (nobody) PluginFrame(string, *contractv1.PluginFrame) {}
func (nobody) PluginRoom(string, uint32)                   {}

// FuzzFrame feeds arbitrary batches to the checks: whatever a plugin sends, the
// host answers, ignores or ends the connection.
func FuzzFrame(f *testing.F) {
	for _, sample := range samples {
		data, err := proto.Marshal(&contractv1.PluginBatch{Frames: []*contractv1.PluginFrame{on(1, sample())}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var b contractv1.PluginBatch
		if proto.Unmarshal(data, &b) != nil {
			return
		}
		for _, kind := range []string{Feature, Network} {
			c := newConn(Options{ID: "fuzz", Kind: kind, Sink: nobody{}, Log: hclog.NewNullLogger()}, t.Context(), nil, nil, nil, nil, nil)
			c.sessions[1] = &session{window: flow.NewWindow(), shows: rate.NewLimiter(1, 1)}
			c.sender.Open(1)
			_ = flow.Each(b.GetFrames(), c.frame)
		}
	})
}

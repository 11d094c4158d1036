package session

import (
	"strings"
	"sync"

	"switchboard/shared/manifest"
)

// manifests are the plugins of the tests.
var manifests = map[string]string{
	"im": `id="im"
name="Messages"
version="1"
kind="feature"
contract=1
exec="im"
protocol=1
accepts=[1]
resident=true
[session]
kind="standing"
[[command]]
name="send"
scope="session"
args=[{name="text", type="string"}]
[[command]]
name="ping"
scope="plugin"
`,
	"game": `id="game"
name="Game"
version="1"
kind="feature"
contract=1
exec="game"
protocol=2
accepts=[1, 2]
[session]
kind="offer"
ends="owner"
offer_ttl="60s"
`,
	"call": `id="call"
name="Call"
version="1"
kind="feature"
contract=1
exec="call"
protocol=1
accepts=[1]
[[grant]]
name="peers"
why="test"
optional=true
[session]
kind="offer"
ends="last"
`,
	"notes": `id="notes"
name="Notes"
version="1"
kind="feature"
contract=1
exec="notes"
protocol=1
accepts=[1]
[session]
kind="solo"
`,
	"nats": `id="nats"
name="Network"
version="1"
kind="network"
contract=1
exec="nats"
protocol=1
accepts=[1]
`,
}

var parsed = sync.OnceValue(func() map[string]*manifest.Manifest {
	m := map[string]*manifest.Manifest{}
	for id, text := range manifests {
		if !strings.Contains(text, "summary") {
			text = strings.Replace(text, "\nversion", "\nsummary=\"test\"\npublisher=\"test\"\nlicense=\"Apache-2.0\"\nversion", 1)
		}
		one, err := manifest.Parse([]byte(strings.Replace(text, "version=\"1\"", "version=\"1.0.0\"", 1)), id+".toml")
		if err != nil {
			panic(err)
		}
		m[id] = one
	}
	return m
})

package companion

import (
	"embed"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
)

//go:embed templates
var templateFiles embed.FS

// render makes the text files of a cluster, by name: what deploy/ shows and what
// init-cluster writes are the same, with other keys.
func (p *clusterPlan) render() (map[string]string, error) {
	files := map[string]string{}
	for i := range p.Servers {
		name := path.Join(p.Servers[i].Name, "nats.conf")
		if err := renderFile(files, name, p.serverValues(i)); err != nil {
			return nil, err
		}
	}
	for i := 1; i <= p.Replicas; i++ {
		folder := fmt.Sprintf("replica-%d", i)
		if err := renderFile(files, path.Join(folder, "serve.toml"), p.replicaValues(folder)); err != nil {
			return nil, err
		}
		if err := renderFile(files, path.Join(folder, "services.toml"), p.serviceKeys()); err != nil {
			return nil, err
		}
	}
	for _, unit := range []string{"switchboard-nats.service", "switchboard-replica.service"} {
		if err := renderFile(files, unit, map[string]string{"name": p.Name, "at": p.At}); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// serverValues are those of the nats.conf of the server i.
func (p *clusterPlan) serverValues(i int) map[string]string {
	var routes []string
	for j, other := range p.Servers {
		if j != i {
			routes = append(routes, strconv.Quote(fmt.Sprintf("nats://%s:%d", other.Host, other.Cluster)))
		}
	}
	s := p.Servers[i]
	folder := path.Join(p.At, s.Name)
	return map[string]string{
		"name": p.Name, "quoted name": strconv.Quote(p.Name), "server": strconv.Quote(s.Name),
		"port": strconv.Itoa(s.Port), "cluster port": strconv.Itoa(s.Cluster), "routes": strings.Join(routes, ", "),
		"certificate": strconv.Quote(folder + "/server.crt"), "certificate key": strconv.Quote(folder + "/server.key"),
		"network certificate": strconv.Quote(folder + "/network.crt"), "store": strconv.Quote(folder + "/store"),
		"account sys": server.AccountSys, "account core": server.AccountCore, "account users": server.AccountUsers,
		"sys": p.values["sys"], "core": p.values["core"], "users": p.values["users"],
		"issuer": p.values["issuer"], "xkey": p.values["xkey"],
		"max payload": strconv.Itoa(wire.MaxPayload), "ping every": wire.PingEvery.String(), "pings lost": strconv.Itoa(wire.ServerPingsLost),
	}
}

// replicaValues are those of the serve.toml in a replica's folder.
func (p *clusterPlan) replicaValues(folder string) map[string]string {
	var servers []string
	for _, s := range p.Servers {
		servers = append(servers, strconv.Quote(fmt.Sprintf("%s:%d", s.Host, s.Port)))
	}
	at := path.Join(p.At, folder)
	return map[string]string{
		"name": p.Name, "quoted name": strconv.Quote(p.Name), "folder": strconv.Quote(at + "/data"),
		"servers": strings.Join(servers, ", "), "key": strconv.Quote(p.values["network"]),
		"secrets": strconv.Quote(at + "/services.toml"),
	}
}

// serviceKeys are the values of services.toml.
func (p *clusterPlan) serviceKeys() map[string]string {
	keys := map[string]string{}
	for _, name := range []string{"sys", "core", "users", "issuer", "xkey"} {
		keys[name] = strconv.Quote(p.values[name+"_seed"])
	}
	return keys
}

// renderFile adds one file, made from the template that has its name.
func renderFile(files map[string]string, name string, values map[string]string) error {
	text, err := templateFiles.ReadFile(path.Join("templates", path.Base(name)))
	if err == nil {
		files[name], err = fill(string(text), values)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// fill puts each value where its name stands in double braces. A name without a
// value and a value that no name asks for are errors. It stands in for
// text/template, whose calls by name make the linker keep every method there is.
func fill(text string, values map[string]string) (string, error) {
	var b strings.Builder
	unused := maps.Clone(values)
	for {
		before, rest, found := strings.Cut(text, "{{")
		b.WriteString(before)
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}}")
		value, known := values[name]
		if !closed || !known {
			return "", fmt.Errorf("there is no value for {{%.40s", rest)
		}
		b.WriteString(value)
		delete(unused, name)
		text = after
	}
	if len(unused) > 0 {
		return "", fmt.Errorf("the template has no place for %s", strings.Join(slices.Sorted(maps.Keys(unused)), ", "))
	}
	return b.String(), nil
}

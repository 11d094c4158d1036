package companion

import (
	"bytes"
	"embed"
	"fmt"
	"path"
	"text/template"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
)

//go:embed templates
var templateFiles embed.FS

var clusterTemplates = template.Must(template.New("").Option("missingkey=error").ParseFS(templateFiles, "templates/*"))

// render makes the text files of a cluster, by name: what deploy/ shows and what
// init-cluster writes are the same, with other keys.
func (p *clusterPlan) render() (map[string]string, error) {
	files := map[string]string{}
	for i := range p.Servers {
		s := p.Servers[i]
		var routes []serverPlan
		for j, other := range p.Servers {
			if j != i {
				routes = append(routes, other)
			}
		}
		err := p.file(files, s.Name+"/nats.conf", "nats.conf", map[string]any{"Server": s, "Routes": routes, "Folder": path.Join(p.At, s.Name)})
		if err != nil {
			return nil, err
		}
	}
	for i := 1; i <= p.Replicas; i++ {
		folder := fmt.Sprintf("replica-%d", i)
		err := p.file(files, folder+"/serve.toml", "serve.toml", map[string]any{"Folder": path.Join(p.At, folder)})
		if err == nil {
			err = p.file(files, folder+"/services.toml", "services.toml", nil)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, unit := range []string{"switchboard-nats.service", "switchboard-replica.service"} {
		if err := p.file(files, unit, unit, nil); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (p *clusterPlan) file(files map[string]string, name, tmpl string, more map[string]any) error {
	data := map[string]any{
		"Name": p.Name, "Servers": p.Servers, "At": p.At, "Key": p.values, "MaxPayload": wire.MaxPayload,
		"PingEvery": wire.PingEvery, "PingsLost": wire.PingsLost,
		"AccountUsers": server.AccountUsers, "AccountCore": server.AccountCore, "AccountSys": server.AccountSys,
	}
	for k, v := range more {
		data[k] = v
	}
	var b bytes.Buffer
	if err := clusterTemplates.ExecuteTemplate(&b, tmpl, data); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	files[name] = b.String()
	return nil
}

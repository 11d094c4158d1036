package companion

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pelletier/go-toml/v2"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
)

// ClusterConfig is the part of "serve" that makes it a replica beside
// nats-servers that others run. "serve init-cluster" writes it.
type ClusterConfig struct {
	// Servers are the nats-servers, host:port.
	Servers []string `toml:"servers"`
	// Key is the network's public key, as it stands in links.
	Key string `toml:"key"`
	// Secrets names the file with the services' keys; only its owner may read it.
	Secrets string `toml:"secrets"`
}

// clusterSecrets is that file.
type clusterSecrets struct {
	Sys    string `toml:"sys"`
	Core   string `toml:"core"`
	Users  string `toml:"users"`
	Issuer string `toml:"issuer"`
	XKey   string `toml:"xkey"`
}

// options reads what a replica needs; file is the configuration it stands in.
func (c *ClusterConfig) options(file string) (*server.Cluster, error) {
	key, err := wire.ParseKey(c.Key)
	if err != nil {
		return nil, fmt.Errorf("%s: cluster.key is not a network's key", file)
	}
	if len(c.Servers) == 0 {
		return nil, fmt.Errorf("%s: cluster.servers is empty; name the nats-servers as host:port", file)
	}
	path := c.Secrets
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(file), path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: the services' keys cannot be read: %w", file, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others; whoever has it can read every message: chmod 600 %s", path, path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: the services' keys cannot be read: %w", file, err)
	}
	var s clusterSecrets
	if err := decodeStrict(data, path, &s); err != nil {
		return nil, err
	}
	return &server.Cluster{Servers: c.Servers, Key: key, Sys: []byte(s.Sys), Core: []byte(s.Core), Users: []byte(s.Users),
		Issuer: []byte(s.Issuer), XKey: []byte(s.XKey)}, nil
}

func encodeTOML(v any) (string, error) {
	data, err := toml.Marshal(v)
	return string(data), err
}

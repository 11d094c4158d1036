package companion

import (
	"context"
	"crypto/ed25519"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/nats-io/nkeys"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
)

// clusterPlan is what init-cluster was asked for. It is kept in cluster.toml, so
// that certificates can be renewed later.
type clusterPlan struct {
	Name     string            `toml:"name"`
	At       string            `toml:"at"` // where the files will lie on the machines
	Replicas int               `toml:"replicas"`
	Servers  []serverPlan      `toml:"servers"`
	values   map[string]string // keys; not kept
}

type serverPlan struct {
	Name    string `toml:"name"`
	Host    string `toml:"host"`
	Port    int    `toml:"port"`
	Cluster int    `toml:"cluster_port"`
}

const (
	planName    = "cluster.toml"
	clientPort  = 4430
	clusterPort = 6430
	maxReplicas = 16
)

func initCluster(_ context.Context, args []string, out io.Writer, _ hclog.Logger) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return usage("")
	}
	dir, err := filepath.Abs(args[0])
	if err != nil {
		return fmt.Errorf("the folder %s: %w", args[0], err)
	}
	f := flag.NewFlagSet("init-cluster", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	name := f.String("name", "", "")
	servers := f.String("servers", "", "")
	replicas := f.Int("replicas", 2, "")
	at := f.String("at", dir, "")
	renew := f.Bool("renew", false, "")
	if f.Parse(args[1:]) != nil || f.NArg() > 0 {
		return usage("")
	}
	if *renew {
		return renewCluster(dir, out)
	}
	p := &clusterPlan{Name: *name, At: *at, Replicas: *replicas}
	if !wire.ValidName(p.Name) {
		return fmt.Errorf("%q is not a network's name: say --name with small letters, digits, - and _, at most 32", p.Name)
	}
	if p.Replicas < 1 || p.Replicas > maxReplicas {
		return fmt.Errorf("--replicas is %d; it must be 1 to %d", p.Replicas, maxReplicas)
	}
	if p.Servers, err = parseServers(*servers); err != nil {
		return err
	}
	if err := p.create(dir); err != nil {
		return err
	}
	fmt.Fprintf(out, "The configuration of the network %s is in %s.\n", p.Name, dir)
	fmt.Fprintf(out, "Keep %s where no server is: whoever has it can pretend to be the network, and without it no certificate can be renewed.\n",
		filepath.Join(dir, server.KeyFile))
	return nil
}

// parseServers reads "host[:port[/clusterport]],…"; there must be three, or one
// for trying.
func parseServers(text string) ([]serverPlan, error) {
	var all []serverPlan
	for i, one := range strings.Split(text, ",") {
		s := serverPlan{Name: "n" + strconv.Itoa(i+1), Port: clientPort, Cluster: clusterPort}
		address, route, hasRoute := strings.Cut(strings.TrimSpace(one), "/")
		s.Host = address
		var err error
		if host, port, e := net.SplitHostPort(address); e == nil {
			s.Host = host
			s.Port, err = strconv.Atoi(port)
		}
		if err == nil && hasRoute {
			s.Cluster, err = strconv.Atoi(route)
		}
		if err != nil || s.Host == "" || strings.ContainsAny(s.Host, " \"'{}[]#\n") || s.Port < 1 || s.Port > 65535 || s.Cluster < 1 || s.Cluster > 65535 {
			return nil, fmt.Errorf("--servers: %q is not HOST, HOST:PORT or HOST:PORT/CLUSTERPORT", one)
		}
		all = append(all, s)
	}
	if len(all) != 3 && len(all) != 5 {
		return nil, errors.New("--servers names three machines (or five): one alone cannot lose itself, two cannot agree")
	}
	return all, nil
}

// create writes everything into a new folder.
func (p *clusterPlan) create(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	if have, err := os.ReadDir(dir); err != nil || len(have) > 0 {
		return fmt.Errorf("%s is not empty; name a new folder, or renew certificates with --renew", dir)
	}
	key, err := server.LoadKey(dir)
	if err != nil {
		return err
	}
	if err := p.makeKeys(key.Public().(ed25519.PublicKey)); err != nil {
		return err
	}
	files, err := p.render()
	if err != nil {
		return err
	}
	plan, err := encodeTOML(p)
	if err != nil {
		return fmt.Errorf("write %s: %w", planName, err)
	}
	files[planName] = "# What init-cluster was asked for; --renew reads it.\n" + plan
	for name, text := range files {
		if err := writePrivate(filepath.Join(dir, name), []byte(text)); err != nil {
			return err
		}
	}
	return p.certificates(dir, key)
}

// makeKeys makes the keys of services and callout.
func (p *clusterPlan) makeKeys(network ed25519.PublicKey) error {
	p.values = map[string]string{"network": wire.PrintKey(network)}
	for _, v := range []struct {
		name string
		make func() (nkeys.KeyPair, error)
	}{
		{"sys", nkeys.CreateUser}, {"core", nkeys.CreateUser}, {"users", nkeys.CreateUser},
		{"issuer", nkeys.CreateAccount}, {"xkey", nkeys.CreateCurveKeys},
	} {
		kp, err := v.make()
		if err != nil {
			return fmt.Errorf("make a key: %w", err)
		}
		seed, err := kp.Seed()
		if err != nil {
			return fmt.Errorf("make a key: %w", err)
		}
		public, err := kp.PublicKey()
		if err != nil {
			return fmt.Errorf("make a key: %w", err)
		}
		p.values[v.name], p.values[v.name+"_seed"] = public, string(seed)
	}
	return nil
}

// certificates makes a new one for each server, signed by the network's key.
func (p *clusterPlan) certificates(dir string, key ed25519.PrivateKey) error {
	for _, s := range p.Servers {
		c, err := server.MakeCertificates(key, p.Name, s.Host)
		if err != nil {
			return err
		}
		for name, data := range map[string][]byte{"server.crt": c.Leaf, "server.key": c.LeafKey, "network.crt": c.Network} {
			if err := writePrivate(filepath.Join(dir, s.Name, name), data); err != nil {
				return err
			}
		}
	}
	return nil
}

// renewCluster makes new certificates in a folder of init-cluster.
func renewCluster(dir string, out io.Writer) error {
	data, err := os.ReadFile(filepath.Join(dir, planName))
	if err != nil {
		return fmt.Errorf("%s is not a folder of init-cluster: %w", dir, err)
	}
	var p clusterPlan
	if err := decodeStrict(data, filepath.Join(dir, planName), &p); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, server.KeyFile)); err != nil {
		return fmt.Errorf("the network's key is not in %s; bring it there for this moment", dir)
	}
	key, err := server.LoadKey(dir)
	if err != nil {
		return err
	}
	if err := p.certificates(dir, key); err != nil {
		return err
	}
	fmt.Fprintln(out, "The certificates are new. Copy server.crt and server.key to each machine, then: systemctl reload switchboard-nats")
	return nil
}

// writePrivate replaces a file that only its owner may read.
func writePrivate(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.WriteFile(path+".part", data, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

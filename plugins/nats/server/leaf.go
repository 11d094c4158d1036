package server

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/nats/wire"
)

// leafEvery is how long a certificate is used before a new one is made, while
// the server runs. Clients look at the key that signed it alone.
const leafEvery = 30 * 24 * time.Hour

// pinnedName is the server name that Switchboard's own programs ask for.
const pinnedName = "switchboard"

// leafs gives the server's certificates: one signed by the network's key, made
// anew now and then, and a company's beside it for whoever asks by another name.
type leafs struct {
	key      ed25519.PrivateKey
	network  string
	every    time.Duration
	now      func() time.Time
	certFile string // of a company's authority; empty for none
	certKey  string
	log      hclog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	made    time.Time
	company *tls.Certificate
	changed time.Time // of certFile, when it was read
}

func newLeafs(key ed25519.PrivateKey, o Options) *leafs {
	return &leafs{key: key, network: o.Network, every: leafEvery, now: o.Now, certFile: o.CertFile, certKey: o.CertKeyFile, log: o.Log}
}

// config is the listener's.
func (l *leafs) config() (*tls.Config, error) {
	if _, err := l.leaf(); err != nil {
		return nil, err
	}
	if l.certFile != "" {
		if _, err := l.companys(); err != nil {
			return nil, err
		}
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: l.get}, nil
}

// get picks by the name that is asked for.
func (l *leafs) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if l.certFile != "" && hello.ServerName != "" && hello.ServerName != pinnedName {
		return l.companys()
	}
	return l.leaf()
}

func (l *leafs) leaf() (*tls.Certificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current != nil && l.now().Sub(l.made) < l.every {
		return l.current, nil
	}
	leaf, der, err := makeLeaf(l.key, l.network, "", &x509.Certificate{Subject: networkSubject(l.network)})
	if err != nil {
		return nil, err
	}
	l.current, l.made = &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: leaf}, l.now()
	return l.current, nil
}

// companys reads the company's certificate again when its file has changed; one
// that cannot be read leaves the one before in force.
func (l *leafs) companys() (*tls.Certificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	info, err := os.Stat(l.certFile)
	if err == nil && (l.company == nil || !info.ModTime().Equal(l.changed)) {
		var c tls.Certificate
		if c, err = tls.LoadX509KeyPair(l.certFile, l.certKey); err == nil {
			l.company, l.changed = &c, info.ModTime()
		}
	}
	if l.company == nil {
		return nil, fmt.Errorf("read the company's certificate %s: %w", l.certFile, err)
	}
	if err != nil {
		l.log.Warn("the company's certificate cannot be read; the one before stays in force", "file", l.certFile, "error", err)
	}
	return l.company, nil
}

func networkSubject(network string) pkix.Name {
	return pkix.Name{CommonName: "Switchboard network " + network}
}

// makeLeaf makes a certificate for one server; host is its name or number where
// other servers look at it, else empty.
func makeLeaf(key ed25519.PrivateKey, network, host string, parent *x509.Certificate) (*ecdsa.PrivateKey, []byte, error) {
	leaf, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a certificate's key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, fmt.Errorf("make a certificate: %w", err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "Switchboard server of " + network},
		NotBefore:    time.Now().Add(-24 * time.Hour),
		NotAfter:     time.Now().Add(wire.LeafLife),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{pinnedName},
	}
	if ip := net.ParseIP(host); ip != nil {
		tmpl.IPAddresses = []net.IP{ip}
	} else if host != "" {
		tmpl.DNSNames = append(tmpl.DNSNames, host)
	}
	if host != "" { // to other servers it is a client, too
		tmpl.ExtKeyUsage = append(tmpl.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, leaf.Public(), key)
	if err != nil {
		return nil, nil, fmt.Errorf("sign a certificate: %w", err)
	}
	return leaf, der, nil
}

// Certificates are one server's, in PEM: its own and its key, and the network's,
// by which the servers of a cluster know each other.
type Certificates struct {
	Leaf, LeafKey, Network []byte
}

// MakeCertificates makes a certificate for a server of a cluster, signed by the
// network's key. Host is the name or number by which the other servers reach it.
func MakeCertificates(key ed25519.PrivateKey, network, host string) (*Certificates, error) {
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: networkSubject(network), IsCA: true, BasicConstraintsValid: true,
		KeyUsage:  x509.KeyUsageCertSign,
		NotBefore: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2125, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	root, err := x509.CreateCertificate(rand.Reader, ca, ca, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the network's certificate: %w", err)
	}
	parent, err := x509.ParseCertificate(root)
	if err != nil {
		return nil, fmt.Errorf("make the network's certificate: %w", err)
	}
	leaf, der, err := makeLeaf(key, network, host, parent)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(leaf)
	if err != nil {
		return nil, fmt.Errorf("make a certificate's key: %w", err)
	}
	block := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	return &Certificates{Leaf: block("CERTIFICATE", der), LeafKey: block("PRIVATE KEY", private), Network: block("CERTIFICATE", root)}, nil
}

package server

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/nats/wire"
)

func shown(t *testing.T, l *leafs, name string) *x509.Certificate {
	t.Helper()
	c, err := l.get(&tls.ClientHelloInfo{ServerName: name})
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

func TestCertificatesRotateUnderThePinnedKey(t *testing.T) {
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	l := newLeafs(key, Options{Network: "office", Now: func() time.Time { return now }, Log: hclog.NewNullLogger()})
	first := shown(t, l, pinnedName)
	now = now.Add(leafEvery - time.Minute)
	if !shown(t, l, pinnedName).Equal(first) {
		t.Error("a new certificate too early")
	}
	now = now.Add(2 * time.Minute)
	second := shown(t, l, pinnedName)
	if second.Equal(first) || !wire.SignedBy(second, public) || !wire.SignedBy(first, public) {
		t.Error("the certificate did not change, or is not the network's")
	}
}

func TestACompanysCertificateIsShownBesideTheNetworks(t *testing.T) {
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, company, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	o := Options{Network: "office", Now: time.Now, Log: hclog.NewNullLogger(),
		CertFile: filepath.Join(dir, "crt"), CertKeyFile: filepath.Join(dir, "key")}
	if _, err := newLeafs(key, o).config(); err == nil {
		t.Error("a certificate that is not there is no error at the start")
	}
	write := func(at time.Time) {
		c, err := MakeCertificates(company, "company", "chat.example.org")
		if err != nil {
			t.Fatal(err)
		}
		for file, data := range map[string][]byte{o.CertKeyFile: c.LeafKey, o.CertFile: c.Leaf} {
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(file, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(time.Now().Add(-time.Hour))
	l := newLeafs(key, o)
	if _, err := l.config(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{pinnedName, ""} {
		if !wire.SignedBy(shown(t, l, name), public) {
			t.Errorf("%q is shown another certificate than the network's", name)
		}
	}
	first := shown(t, l, "chat.example.org")
	if first.VerifyHostname("chat.example.org") != nil || wire.SignedBy(first, public) {
		t.Errorf("by name: %v", first.Subject)
	}
	write(time.Now())
	second := shown(t, l, "chat.example.org")
	if second.Equal(first) {
		t.Error("a new file is not read")
	}
	if err := os.WriteFile(o.CertFile, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !shown(t, l, "chat.example.org").Equal(second) {
		t.Error("a damaged file takes the certificate that was good away")
	}
}

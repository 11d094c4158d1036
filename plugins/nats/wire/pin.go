package wire

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"
)

// ErrWrongKey: the server's certificate is not signed by the network's key.
var ErrWrongKey = errors.New("the server shows another key than the network's")

// ClientTLS is a configuration that accepts a server if, and only if, its
// certificate is signed by the network's key. Host names and this computer's
// clock do not matter: the key is what an invitation pins.
func ClientTLS(key ed25519.PublicKey) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		ServerName: "switchboard",
		// The library's own check wants names and a right clock; the check
		// below replaces it and runs on resumed connections too.
		InsecureSkipVerify: true, //nolint:gosec
		VerifyConnection: func(cs tls.ConnectionState) error {
			if len(cs.PeerCertificates) == 0 || !SignedBy(cs.PeerCertificates[0], key) {
				return ErrWrongKey
			}
			return nil
		},
	}
}

// SignedBy reports whether a leaf certificate is signed by the key and meant for servers.
func SignedBy(leaf *x509.Certificate, key ed25519.PublicKey) bool {
	if leaf.SignatureAlgorithm != x509.PureEd25519 || leaf.IsCA || len(key) != ed25519.PublicKeySize {
		return false
	}
	server := false
	for _, u := range leaf.ExtKeyUsage {
		server = server || u == x509.ExtKeyUsageServerAuth
	}
	return server && ed25519.Verify(key, leaf.RawTBSCertificate, leaf.Signature)
}

// LeafLife is how long a server's certificate is said to be valid. Clients do
// not look at it; a new one is made at every start.
const LeafLife = 10 * 365 * 24 * time.Hour

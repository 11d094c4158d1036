package server

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// KeyFile is the network's key in its folder.
const KeyFile = "network.key"

// LoadKey reads the network's key or makes one. Losing it means a new network:
// every invitation pins its public half.
func LoadKey(folder string) (ed25519.PrivateKey, error) {
	path := filepath.Join(folder, KeyFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the network's key: %w", err)
	}
	seed, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(string(data)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("the network's key in %s is damaged; restore it from a backup", path)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func makeKey(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the network's key: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString(key.Seed()) + "\n"
	if err := writeFile(path, []byte(text)); err != nil {
		return nil, fmt.Errorf("write the network's key: %w", err)
	}
	return key, nil
}

// writeFile replaces a file so that a crash leaves the old or the new one.
func writeFile(path string, data []byte) error {
	f, err := os.OpenFile(path+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(path+".part", path)
	}
	if err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

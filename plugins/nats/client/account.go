package client

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// Account is what a device keeps of its account. It holds the device's secret:
// it is stored as a secret and never shown.
type Account struct {
	User      string            `json:"user"`            // the part of the address before the @
	Name      string            `json:"name"`            // as shown to people
	Device    string            `json:"device"`          // this device's id
	Network   string            `json:"network"`         // the part behind the @
	Key       ed25519.PublicKey `json:"key"`             // the network's, pinned
	Addresses []string          `json:"addresses"`       // host:port of its servers
	Seed      []byte            `json:"seed"`            // the device's secret
	Owner     bool              `json:"owner,omitempty"` // of the network
	// Record says where the network is, signed by its key; the newest one seen.
	Record []byte `json:"record,omitempty"`
	// Attempt names the sign-up that made this device one of the account.
	Attempt string `json:"attempt,omitempty"`
	// Local: the network is carried by the companion on this computer.
	Local bool `json:"local,omitempty"`
}

// Address is the account's full name.
func (a *Account) Address() string { return wire.Address(a.User, a.Network) }

// Contract is what the host is told of the account.
func (a *Account) Contract() *contractv1.Account {
	return &contractv1.Account{
		Address: a.Address(), Name: a.Name, Device: a.Device, Network: a.Network,
		NetworkKey: wire.PrintKey(a.Key), Owner: a.Owner,
	}
}

// ParseAccount reads a stored account.
func ParseAccount(data []byte) (*Account, error) {
	a := &Account{}
	if err := json.Unmarshal(data, a); err != nil {
		return nil, fmt.Errorf("the stored account is damaged: %w", err)
	}
	if !wire.ValidName(a.User) || !wire.ValidName(a.Network) || !wire.ValidDevice(a.Device) ||
		len(a.Key) != ed25519.PublicKeySize || len(a.Seed) == 0 {
		return nil, fmt.Errorf("the stored account is damaged")
	}
	return a, nil
}

// NewSeed makes the secret of a new device.
func NewSeed() ([]byte, error) {
	kp, err := nkeys.CreateUser()
	if err != nil {
		return nil, fmt.Errorf("make a device key: %w", err)
	}
	return kp.Seed()
}

// Register makes an account, adds this device to one, or asks who this device
// is. A repeat with the same seed gives the same answer.
func Register(ctx context.Context, dial Dialer, link wire.Link, seed []byte, r wire.Register) (*Account, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	id, err := newIdentity(seed)
	if err != nil {
		return nil, err
	}
	nc, err := connect(ctx, dial, Places{Addresses: link.Addresses}, link.Key, id, true, nil)
	if errors.Is(err, errNotAdmitted) {
		return nil, wire.Errorf(contractv1.Error_UNAVAILABLE, "The server takes no registrations from here at the moment; try again in a minute.")
	}
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	answers, err := nc.SubscribeSync(wire.RegisterAnswer(id.public, "*"))
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	data, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	m := nats.NewMsg(wire.RegisterSubject(id.public))
	m.Data = data
	m.Header.Set(wire.HeaderRequest, "1")
	if err := nc.PublishMsg(m); err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	got, err := answers.NextMsgWithContext(ctx)
	if err != nil {
		return nil, wire.Errorf(contractv1.Error_UNAVAILABLE, "The server of %s does not answer; try again.", link.Network)
	}
	if err := answerError(got); err != nil {
		return nil, err
	}
	var ok wire.Registered
	if err := json.Unmarshal(got.Data, &ok); err != nil {
		return nil, fmt.Errorf("register: the server's answer is malformed: %w", err)
	}
	return accountOf(&ok, link, seed)
}

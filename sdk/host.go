package sdk

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/hashicorp/go-hclog"

	"switchboard/sdk/internal/link"
	contractv1 "switchboard/shared/contract/v1"
)

// Host is the plugin's view of the program it runs in. Safe for concurrent use.
type Host struct {
	link  *link.Link
	hello *contractv1.Hello
	log   hclog.Logger

	mu       sync.Mutex
	settings map[string]string
	watchers []func(key, value string)
	changes  []*contractv1.SettingValue // not yet told
	changed  chan struct{}
}

func newHost(l *link.Link, hello *contractv1.Hello, log hclog.Logger) *Host {
	h := &Host{link: l, hello: hello, log: log, settings: map[string]string{}, changed: make(chan struct{}, 1)}
	for _, v := range hello.GetSettings() {
		h.settings[v.GetKey()] = v.GetValue()
	}
	return h
}

// LinkOf is for the packages below sdk.
func LinkOf(h *Host) *link.Link { return h.link }

// DataDir is the only folder that the plugin may write. Absolute.
func (h *Host) DataDir() string { return h.hello.GetDataDir() }

// Log goes to the plugin's page in the host.
func (h *Host) Log() hclog.Logger { return h.log }

// PluginID is the id of the manifest.
func (h *Host) PluginID() string { return h.hello.GetPluginId() }

// HostVersion is the host's program version.
func (h *Host) HostVersion() string { return h.hello.GetHostVersion() }

// Locale is a BCP 47 tag.
func (h *Host) Locale() string { return h.hello.GetLocale() }

// Granted says whether the plugin has a power of its manifest.
func (h *Host) Granted(name string) bool { return slices.Contains(h.hello.GetGrants(), name) }

// Setting is the value in force of one of the plugin's own settings, in text
// form; empty when there is no such setting.
func (h *Host) Setting(key string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.settings[key]
}

// OnSetting calls f after each change of one of the plugin's settings, one call
// at a time.
func (h *Host) OnSetting(f func(key, value string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watchers = append(h.watchers, f)
}

// setting takes a change in; the watchers are told by tell.
func (h *Host) setting(v *contractv1.SettingValue) {
	h.mu.Lock()
	h.settings[v.GetKey()] = v.GetValue()
	h.changes = slices.DeleteFunc(h.changes, func(c *contractv1.SettingValue) bool { return c.GetKey() == v.GetKey() })
	h.changes = append(h.changes, v)
	h.mu.Unlock()
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

// tell calls the watchers until the context ends.
func (h *Host) tell(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.changed:
		}
		h.mu.Lock()
		changes, watchers := h.changes, slices.Clone(h.watchers)
		h.changes = nil
		h.mu.Unlock()
		for _, c := range changes {
			for _, w := range watchers {
				if err := protect(func() error { w(c.GetKey(), c.GetValue()); return nil }); err != nil {
					h.log.Error("a setting's watcher failed", "key", c.GetKey(), "error", err)
				}
			}
		}
	}
}

// Secret reads a small secret that the host keeps for this plugin alone. Needs
// the grant "secrets". The host can be asked only after Start has returned.
func (h *Host) Secret(ctx context.Context, name string) (value []byte, found bool, err error) {
	r, err := h.link.Call(ctx, 0, &contractv1.HostCall{Call: &contractv1.HostCall_Secret{
		Secret: &contractv1.SecretCall{Name: name}}})
	if err != nil {
		return nil, false, fmt.Errorf("read secret %q: %w", name, err)
	}
	return r.GetSecret().GetValue(), r.GetSecret().GetFound(), nil
}

// SetSecret writes a secret of at most 16 KiB.
func (h *Host) SetSecret(ctx context.Context, name string, value []byte) error {
	if len(value) > contractv1.MaxSecret {
		return Errorf(contractv1.Error_TOO_LARGE, "secret %q is larger than %d bytes", name, contractv1.MaxSecret)
	}
	_, err := h.link.Call(ctx, 0, &contractv1.HostCall{Call: &contractv1.HostCall_Secret{
		Secret: &contractv1.SecretCall{Name: name, Set: true, Value: value}}})
	if err != nil {
		return fmt.Errorf("write secret %q: %w", name, err)
	}
	return nil
}

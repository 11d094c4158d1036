package companion

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/pelletier/go-toml/v2"

	"switchboard/plugins/nats/server"
)

// Config is the file of "serve", and network.toml in a companion's folder.
type Config struct {
	// Name of the network: the part of addresses behind the @.
	Name string `toml:"name"`
	// Folder of the network. Serve only.
	Folder string `toml:"folder"`
	// Listen is host:port. A companion without it listens on this computer alone.
	Listen string `toml:"listen"`
	// Advertise are the addresses that invitations name.
	Advertise []string `toml:"advertise"`
	// Registration is "invitation" (the default) or "open".
	Registration string `toml:"registration"`
	// Invitations is who may invite: "everyone" (the default) or "owners".
	Invitations string `toml:"invitations"`
	// Retention of messages: "365d" (the default), "720h".
	Retention string `toml:"retention"`
	// MaxStoreMB bounds the store; 0 leaves the bound to the disk.
	MaxStoreMB int64 `toml:"max_store_mb"`
	// Rate and Burst bound each user's entries, per second and at once.
	Rate  float64 `toml:"rate"`
	Burst int     `toml:"burst"`
	// DailyMB bounds what each user may have stored in a day; 0 is 256.
	DailyMB int64 `toml:"daily_mb"`
	// BlobMB bounds the pictures and files that are kept for each user; 0 is 256.
	BlobMB int64 `toml:"blob_mb"`
	// StoredMB bounds the messages that are kept of each user; 0 is no bound.
	StoredMB int64 `toml:"stored_mb"`
	// MaxDevices, MaxContacts and MaxGroups bound what one person has; 0 is the most
	// there can be.
	MaxDevices  int `toml:"max_devices"`
	MaxContacts int `toml:"max_contacts"`
	MaxGroups   int `toml:"max_groups"`
	// GroupsADay bounds how many groups one person makes in a day; 0 is 50.
	GroupsADay int `toml:"groups_a_day"`
	// RegisterRate and RegisterBurst bound the registering connections of a source.
	RegisterRate  float64 `toml:"register_rate"`
	RegisterBurst int     `toml:"register_burst"`
	// Metrics is where metrics and health are asked for: a port of this computer,
	// or host:port; empty for nowhere. Serve only.
	Metrics string `toml:"metrics"`
	// Certificate and CertificateKey are a company's own, in PEM, shown to whoever
	// asks for the server by name; Switchboard itself pins the network's key.
	Certificate    string `toml:"certificate"`
	CertificateKey string `toml:"certificate_key"`
	// Cluster makes this a replica beside nats-servers. Serve only.
	Cluster *ClusterConfig `toml:"cluster"`

	file string // where it was read
}

// ParseConfig reads a configuration strictly: a misspelt key is an error that
// names the file and the line.
func ParseConfig(data []byte, file string) (Config, error) {
	c := Config{file: file}
	if err := decodeStrict(data, file, &c); err != nil {
		return c, err
	}
	if c.Registration != "" && c.Registration != "invitation" && c.Registration != "open" {
		return c, fmt.Errorf("%s: registration is %q; it must be \"invitation\" or \"open\"", file, c.Registration)
	}
	if c.Invitations != "" && c.Invitations != "everyone" && c.Invitations != "owners" {
		return c, fmt.Errorf("%s: invitations is %q; it must be \"everyone\" or \"owners\"", file, c.Invitations)
	}
	if _, err := retention(c.Retention); err != nil {
		return c, fmt.Errorf("%s: %w", file, err)
	}
	if c.Rate < 0 || c.Burst < 0 || c.MaxStoreMB < 0 || c.MaxStoreMB > 1<<33 {
		return c, fmt.Errorf("%s: rate, burst and max_store_mb must be positive", file)
	}
	if c.MaxDevices < 0 || c.MaxContacts < 0 || c.MaxGroups < 0 || c.GroupsADay < 0 || c.RegisterRate < 0 || c.RegisterBurst < 0 {
		return c, fmt.Errorf("%s: max_devices, max_contacts, max_groups, groups_a_day, register_rate and register_burst must be positive", file)
	}
	if c.DailyMB < 0 || c.DailyMB > 1<<33 {
		return c, fmt.Errorf("%s: daily_mb must be positive", file)
	}
	if c.BlobMB < 0 || c.BlobMB > 1<<33 {
		return c, fmt.Errorf("%s: blob_mb must be positive", file)
	}
	if c.StoredMB < 0 || c.StoredMB > 1<<33 {
		return c, fmt.Errorf("%s: stored_mb must be positive", file)
	}
	return c, nil
}

// decodeStrict reads TOML in which nothing is unknown.
func decodeStrict(data []byte, file string, v any) error {
	d := toml.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		line, _ := strict.Errors[0].Position()
		return fmt.Errorf("%s:%d: there is no setting %q", file, line, strings.Join(strict.Errors[0].Key(), "."))
	}
	var syntax *toml.DecodeError
	if errors.As(err, &syntax) {
		line, _ := syntax.Position()
		return fmt.Errorf("%s:%d: %w", file, line, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// retention reads a duration that may be in days.
func retention(s string) (time.Duration, error) {
	if s == "" {
		return server.DefaultRetention, nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > 36500 {
			return 0, fmt.Errorf("retention is %q; say days or hours: \"365d\", \"72h\"", s)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Hour {
		return 0, fmt.Errorf("retention is %q; say days or hours, at least one: \"365d\", \"72h\"", s)
	}
	return d, nil
}

// serveConfig is the configuration that a file says; without a file the one of
// the folder of serve.
func serveConfig(file string) (Config, error) {
	c := Config{}
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return Config{}, fmt.Errorf("the configuration cannot be read: %w", err)
		}
		if c, err = ParseConfig(data, file); err != nil {
			return Config{}, err
		}
	}
	return c, c.serveDefaults()
}

func (c *Config) serveDefaults() error {
	if c.Listen == "" {
		c.Listen = "0.0.0.0:4430"
	}
	if c.Folder == "" {
		base := os.Getenv("XDG_DATA_HOME")
		if base == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return fmt.Errorf("find a folder for the network: %w; name one in the configuration", err)
			}
			base = filepath.Join(home, ".local", "share")
		}
		c.Folder = filepath.Join(base, "switchboard-network")
	}
	folder, err := filepath.Abs(c.Folder)
	if err != nil {
		return fmt.Errorf("the network's folder: %w", err)
	}
	c.Folder = folder
	return nil
}

func (c *Config) options(log hclog.Logger) (server.Options, error) {
	keep, err := retention(c.Retention)
	if err != nil {
		return server.Options{}, err
	}
	o := server.Options{
		Folder: c.Folder, Network: c.Name, Listen: c.Listen, Advertise: c.Advertise,
		OpenRegistration: c.Registration == "open", OwnersInvite: c.Invitations == "owners",
		Retention: keep, MaxStore: c.MaxStoreMB << 20, Rate: c.Rate, Burst: c.Burst, Log: log,
		Daily: c.DailyMB << 20, Stored: c.StoredMB << 20, BlobQuota: c.BlobMB << 20, Groups: c.MaxGroups, GroupsADay: c.GroupsADay,
		Devices: c.MaxDevices, Contacts: c.MaxContacts, RegisterRate: c.RegisterRate, RegisterBurst: c.RegisterBurst,
		CertFile: c.Certificate, CertKeyFile: c.CertificateKey,
	}
	if c.Cluster != nil {
		if o.Cluster, err = c.Cluster.options(c.file); err != nil {
			return server.Options{}, err
		}
	}
	return o, nil
}

package manifest

import (
	"io"
	"time"

	"switchboard/shared/strict"
)

// rawManifest mirrors the file; pointers tell absent from zero.
type rawManifest struct {
	ID        string       `toml:"id"`
	Name      string       `toml:"name"`
	Version   string       `toml:"version"`
	Summary   string       `toml:"summary"`
	Publisher string       `toml:"publisher"`
	License   string       `toml:"license"`
	Kind      string       `toml:"kind"`
	Contract  int          `toml:"contract"`
	Exec      any          `toml:"exec"`
	Protocol  *int         `toml:"protocol"`
	Accepts   []int        `toml:"accepts"`
	Icon      string       `toml:"icon"`
	Resident  bool         `toml:"resident"`
	Default   *string      `toml:"default"`
	Search    bool         `toml:"search"`
	Session   *rawSession  `toml:"session"`
	Grants    []rawGrant   `toml:"grant"`
	Actions   []rawAction  `toml:"action"`
	Commands  []rawCommand `toml:"command"`
	Settings  []rawSetting `toml:"setting"`
	Companion *rawComp     `toml:"companion"`
}

type rawSession struct {
	Kind       string  `toml:"kind"`
	Ends       *string `toml:"ends"`
	OfferTTL   string  `toml:"offer_ttl"`
	MaxMembers int     `toml:"max_members"`
}

type rawGrant struct {
	Name     string `toml:"name"`
	Why      string `toml:"why"`
	Optional bool   `toml:"optional"`
}

type rawAction struct {
	ID    string `toml:"id"`
	Title string `toml:"title"`
	Icon  string `toml:"icon"`
}

type rawCommand struct {
	Name    string   `toml:"name"`
	Scope   string   `toml:"scope"`
	Summary string   `toml:"summary"`
	Args    []rawArg `toml:"args"`
}

type rawArg struct {
	Name     string `toml:"name"`
	Type     string `toml:"type"`
	Summary  string `toml:"summary"`
	Required bool   `toml:"required"`
	Max      int    `toml:"max"`
}

type rawSetting struct {
	Key     string      `toml:"key"`
	Title   string      `toml:"title"`
	Help    string      `toml:"help"`
	Section string      `toml:"section"`
	Kind    string      `toml:"kind"`
	Default any         `toml:"default"`
	Min     int         `toml:"min"`
	Max     int         `toml:"max"`
	Choices []rawChoice `toml:"choices"`
}

type rawChoice struct {
	ID   string `toml:"id"`
	Text string `toml:"text"`
}

type rawComp struct {
	Exec any `toml:"exec"`
}

// maxOfferTTL keeps an offer from standing for ever.
const maxOfferTTL = 24 * time.Hour

func readAll(r io.Reader) ([]byte, error) {
	// One byte more than the bound, so that Decode can tell "too large".
	return io.ReadAll(io.LimitReader(r, strict.MaxFile+1))
}

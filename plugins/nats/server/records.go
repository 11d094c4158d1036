package server

import "strings"

// What the directory stores, as JSON in the bucket DIR. Keys:
//
//	user.<name>  dev.<name>.<device>  pair.<lo>.<hi>
//	inv.<hash>   code.<hash>          pres.<name>
//	join.<id>    enr.<hash>
//
// and those of groups: see roomRecord.

type userRecord struct {
	Name      string `json:"name"`
	CreatedMS int64  `json:"created_ms"`
	Owner     bool   `json:"owner,omitempty"`
	Recovery  string `json:"recovery,omitempty"` // hash of the code that restores the account
	// RecoveryBy is the device that made it: the code goes when that device is removed.
	RecoveryBy string `json:"recovery_by,omitempty"`
	Avatar     string `json:"avatar,omitempty"`     // hash of a blob of this person
	AskGroups  bool   `json:"ask_groups,omitempty"` // an invitation to a group waits for an answer
	// Founder is the device that made the account: another that tried at the same
	// moment, or stopped half-way, is none of its devices.
	Founder    string `json:"founder,omitempty"`
	DisabledMS int64  `json:"disabled_ms,omitempty"`
	RemovedMS  int64  `json:"removed_ms,omitempty"`
	NewKeysMS  int64  `json:"new_keys_ms,omitempty"`
	Enrolled   string `json:"enrolled,omitempty"` // the token's id
}

type deviceRecord struct {
	User      string `json:"user"`
	ID        string `json:"id"`
	Key       string `json:"key"`
	Name      string `json:"name"`
	LinkedMS  int64  `json:"linked_ms"`
	SeenMS    int64  `json:"seen_ms,omitempty"`
	RevokedMS int64  `json:"revoked_ms,omitempty"`
	Founder   bool   `json:"founder,omitempty"` // it made its account
}

// pairRecord is everything between two people: one record, so that both sides
// change together or not at all.
type pairRecord struct {
	Asked    string     `json:"asked,omitempty"` // who asked and waits
	Greeting string     `json:"greeting,omitempty"`
	Friends  bool       `json:"friends,omitempty"`
	Lo       sideRecord `json:"lo"`
	Hi       sideRecord `json:"hi"`
}

// sideRecord is what one of the two decided alone.
type sideRecord struct {
	Blocked bool   `json:"blocked,omitempty"`
	Name    string `json:"name,omitempty"` // the name given to the other
}

type inviteRecord struct {
	By        string `json:"by,omitempty"`
	Uses      uint32 `json:"uses"` // left
	Used      uint32 `json:"used,omitempty"`
	CreatedMS int64  `json:"created_ms,omitempty"`
	ExpiresMS int64  `json:"expires_ms"`
	Owner     bool   `json:"owner,omitempty"`
}

type codeRecord struct {
	User      string `json:"user"`
	ExpiresMS int64  `json:"expires_ms"`
	Used      bool   `json:"used,omitempty"`
	Ask       bool   `json:"ask,omitempty"` // a device of the account answers first
}

// presenceRecord is an account's presence as last set and the capabilities it
// last had, which stand for it while it is offline.
type presenceRecord struct {
	Status       int32    `json:"status"`
	Text         string   `json:"text,omitempty"`
	Capabilities []string `json:"capabilities,omitempty"`
}

func pairKey(a, b string) string {
	if b < a {
		a, b = b, a
	}
	return "pair." + a + "." + b
}

// sides gives the caller's side and the other's.
func (p *pairRecord) sides(me, other string) (mine, theirs *sideRecord) {
	if me < other {
		return &p.Lo, &p.Hi
	}
	return &p.Hi, &p.Lo
}

func (p *pairRecord) empty() bool { return *p == pairRecord{} }

// open reports whether the two may exchange anything.
func (p *pairRecord) open() bool { return p.Friends && !p.Lo.Blocked && !p.Hi.Blocked }

// cutName tells a device's name (user.device) from a user's.
func cutName(name string) (user, device string, isDevice bool) {
	return strings.Cut(name, ".")
}

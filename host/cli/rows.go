package cli

import (
	"fmt"
	"time"

	controlv1 "switchboard/shared/contract/control/v1"
)

// The rows as --json prints them. Fields are added, never renamed.

type deviceRow struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Linked string `json:"linked"`
	Seen   string `json:"seen"`
	This   bool   `json:"this"`
	Online bool   `json:"online"`
}

type statusRow struct {
	Account     string      `json:"account"`
	Name        string      `json:"name"`
	Device      string      `json:"device"`
	Network     string      `json:"network"`
	NetworkKey  string      `json:"network_key"`
	Owner       bool        `json:"owner"`
	Connection  string      `json:"connection"`
	Detail      string      `json:"connection_detail"`
	Presence    string      `json:"presence"`
	Text        string      `json:"presence_text"`
	Queued      uint32      `json:"queued"`
	PolicyFault string      `json:"policy_fault,omitempty"`
	Version     string      `json:"version"`
	PID         int64       `json:"pid"`
	Plugins     []pluginRow `json:"plugins"`
	// SignUp is there while a sign-up waits to be let in.
	SignUp        *signUpRow `json:"sign_up,omitempty"`
	Recovery      bool       `json:"recovery"`
	RecoveryOffer bool       `json:"recovery_offer,omitempty"`
	Avatar        string     `json:"avatar,omitempty"` // hash of my picture
	BlobQuota     int64      `json:"blob_quota"`       // bytes of pictures and files at the network
	BlobUsed      int64      `json:"blob_used"`
	Uploads       uint32     `json:"uploads"` // that wait
	UploadFault   string     `json:"upload_fault,omitempty"`
}

type signUpRow struct {
	Digits string `json:"digits"`
	Detail string `json:"detail"`
}

type linkRow struct {
	ID       string `json:"id"`
	Computer string `json:"computer"`
	Digits   string `json:"digits"`
	Time     string `json:"time"`
}

type recoveryRow struct {
	Exists  bool `json:"exists"`  // a recovery code exists
	Offered bool `json:"offered"` // one is offered now
}

type pluginRow struct {
	ID           string     `json:"id"`
	Name         string     `json:"name"`
	Kind         string     `json:"kind"`
	Version      string     `json:"version"`
	Enabled      bool       `json:"enabled"`
	State        string     `json:"state"`
	PID          int64      `json:"pid"`
	CompanionPID int64      `json:"companion_pid"`
	Reason       string     `json:"reason"`
	Origin       string     `json:"origin"`
	Publisher    string     `json:"publisher"`
	Summary      string     `json:"summary"`
	Grants       []grantRow `json:"grants"`
	Isolation    []string   `json:"isolation"`
	Missing      []string   `json:"missing"`
	MemoryKB     int64      `json:"memory_kb"`
	Locked       string     `json:"locked,omitempty"`
	Log          []string   `json:"log"`
}

type grantRow struct {
	Name    string `json:"name"`
	Allowed bool   `json:"allowed"`
	Reason  string `json:"reason"`
}

type contactRow struct {
	Address      string   `json:"address"`
	Name         string   `json:"name"`
	Presence     string   `json:"presence"`
	Text         string   `json:"text"`
	Capabilities []string `json:"capabilities"`
	State        string   `json:"state"`
	Greeting     string   `json:"greeting,omitempty"`
	Conversation string   `json:"conversation"`
	NewKeys      string   `json:"new_keys,omitempty"` // since when they sign in with new keys
	Avatar       string   `json:"avatar,omitempty"`   // hash of their picture
	Watch        string   `json:"watch,omitempty"`    // once or always: I am told when they come online
}

type conversationRow struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Title    string `json:"title"`
	Peer     string `json:"peer"`
	Summary  string `json:"summary"`
	From     string `json:"from"`
	Time     string `json:"time"`
	Unread   int64  `json:"unread"`
	Mentions int64  `json:"mentions"`
	Draft    string `json:"draft"`
	Pinned   bool   `json:"pinned"`
	Archived bool   `json:"archived"`
	Muted    string `json:"muted_until"`
	Members  int64  `json:"members,omitempty"` // of a group
	ReadOnly string `json:"read_only,omitempty"`
}

type sessionRow struct {
	Session      string      `json:"session"`
	Conversation string      `json:"conversation"`
	ID           string      `json:"id"`
	Plugin       string      `json:"plugin"`
	Title        string      `json:"title"`
	State        string      `json:"state"`
	Reason       string      `json:"reason"`
	By           string      `json:"by"`
	Mine         bool        `json:"mine"`
	Standing     bool        `json:"standing"`
	Members      []memberRow `json:"members"`
	AnsweredOn   string      `json:"answered_on"`
	Offered      string      `json:"offered"`
	Expires      string      `json:"expires"`
	IdleSince    string      `json:"idle_since"`
}

type memberRow struct {
	Address string `json:"address"`
	Device  string `json:"device"`
	State   string `json:"state"`
}

type settingRow struct {
	Key     string   `json:"key"`
	Title   string   `json:"title"`
	Help    string   `json:"help"`
	Page    string   `json:"page"`
	Kind    string   `json:"kind"`
	Value   string   `json:"value"`
	Default string   `json:"default"`
	Choices []string `json:"choices,omitempty"`
	Locked  string   `json:"locked,omitempty"`
}

type eventRow struct {
	Type         string `json:"type"`
	Time         string `json:"time"`
	Conversation string `json:"conversation,omitempty"`
	Session      string `json:"session,omitempty"`
	Plugin       string `json:"plugin,omitempty"`
	ID           string `json:"id,omitempty"`
	From         string `json:"from,omitempty"`
	Device       string `json:"device,omitempty"`
	Text         string `json:"text,omitempty"`
	State        string `json:"state,omitempty"`
	Reason       string `json:"reason,omitempty"`
	Seq          int64  `json:"seq,omitempty"`
	Unread       *int64 `json:"unread,omitempty"`
	N            int64  `json:"n,omitempty"`
}

// stamp is a time in UTC to the millisecond; empty when there is none.
func stamp(ms int64) string {
	if ms == 0 {
		return ""
	}
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
}

// list makes JSON's [] of nothing, not null.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func newStatus(s *controlv1.StatusReply) statusRow {
	row := statusRow{Account: s.GetAccount().GetAddress(), Name: s.GetAccount().GetName(), Device: s.GetAccount().GetDevice(),
		Network: s.GetAccount().GetNetwork(), NetworkKey: s.GetAccount().GetNetworkKey(), Owner: s.GetAccount().GetOwner(),
		Connection: s.GetConnection().GetState(), Detail: s.GetConnection().GetDetail(), Presence: s.GetPresence().GetStatus(),
		Text: s.GetPresence().GetText(), Queued: s.Queued, PolicyFault: s.PolicyFault, Version: s.Version, PID: s.Pid, Plugins: newPlugins(s.Plugins),
		Recovery: s.Recovery, RecoveryOffer: s.RecoveryOffer,
		Avatar: s.GetAccount().GetAvatar(), BlobQuota: s.BlobQuota, BlobUsed: s.BlobUsed, Uploads: s.Uploads, UploadFault: s.UploadFault}
	if w := s.SignUp; w != nil {
		row.SignUp = &signUpRow{w.Digits, w.Detail}
	}
	return row
}

func newPlugins(all []*controlv1.Plugin) []pluginRow {
	rows := make([]pluginRow, 0, len(all))
	for _, p := range all {
		row := pluginRow{ID: p.Id, Name: p.Name, Kind: p.Kind, Version: p.Version, Enabled: p.Enabled, State: p.State, PID: p.Pid,
			CompanionPID: p.CompanionPid, Reason: p.Reason, Origin: p.Origin, Publisher: p.Publisher, Summary: p.Summary,
			Grants: []grantRow{}, Isolation: list(p.Isolation), Missing: list(p.Missing), MemoryKB: p.MemoryKb, Locked: p.Locked, Log: list(p.Log)}
		for _, g := range p.Grants {
			row.Grants = append(row.Grants, grantRow{g.Name, g.Allowed, g.Reason})
		}
		rows = append(rows, row)
	}
	return rows
}

func pluginLine(p *controlv1.Plugin) string {
	line := fmt.Sprintf("%-14s %-10s %s", p.Id, p.State, p.Name)
	if p.Pid > 0 {
		line += fmt.Sprintf("  (process %d)", p.Pid)
	}
	said := p.Reason == p.Name+" is switched off" // by the state
	return line + mark(p.Reason != "" && !said, ": "+p.Reason)
}

func newSession(s *controlv1.Session) sessionRow {
	row := sessionRow{Session: s.Conversation + "/" + s.Id, Conversation: s.Conversation, ID: s.Id, Plugin: s.Plugin, Title: s.Title,
		State: s.State, Reason: s.Reason, By: s.By, Mine: s.Mine, Standing: s.Standing, Members: []memberRow{}, AnsweredOn: s.AnsweredOn,
		Offered: stamp(s.OfferedMs), Expires: stamp(s.ExpiresMs), IdleSince: stamp(s.IdleSinceMs)}
	for _, m := range s.Members {
		row.Members = append(row.Members, memberRow{m.Address, m.Device, m.State})
	}
	return row
}

func newEvent(e *controlv1.Event) eventRow {
	row := eventRow{Type: e.Type, Time: stamp(e.TimeMs), Conversation: e.Conversation, Session: e.Session, Plugin: e.Plugin, ID: e.Id,
		From: e.From, Device: e.Device, Text: e.Text, State: e.State, Reason: e.Reason, Seq: e.Seq, N: e.N}
	if e.Type == "summary" {
		row.Unread = &e.Unread
	}
	return row
}

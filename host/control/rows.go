package control

import (
	"os"

	controlv1 "switchboard/shared/contract/control/v1"
	"switchboard/shared/model"
)

func statusReply(s *model.Snapshot, version string) *controlv1.StatusReply {
	reply := &controlv1.StatusReply{
		Connection:  &controlv1.Connection{State: string(s.Connection.State), Detail: s.Connection.Detail, RetryMs: ms(s.Connection.RetryAt)},
		Presence:    presence(s.Presence),
		Plugins:     pluginRows(s),
		PolicyFault: s.PolicyFault,
		Queued:      uint32(max(s.QueuedUpdates, 0)),
		Version:     version,
		Pid:         int64(os.Getpid()),
		BlobQuota:   s.Blobs.Quota, BlobUsed: s.Blobs.Used, Uploads: uint32(max(s.Blobs.Waiting, 0)), UploadFault: s.Blobs.Fault,
	}
	waits(reply, s)
	if a := s.Account; a != nil {
		reply.Account = &controlv1.Account{Address: a.Address, Name: a.Name, Device: a.Device, Network: a.Network, NetworkKey: a.NetworkKey, Owner: a.Owner, Avatar: a.Avatar}
	}
	return reply
}

func presence(p model.Presence) *controlv1.Presence {
	return &controlv1.Presence{Status: string(p.Status), Text: p.Text, Capabilities: p.Capabilities}
}

func pluginRows(s *model.Snapshot) []*controlv1.Plugin {
	var rows []*controlv1.Plugin
	for _, p := range s.Plugins {
		row := &controlv1.Plugin{Id: p.ID, Name: p.Name, Kind: p.Kind, Version: p.Version, Enabled: p.Enabled, State: string(p.State),
			Pid: int64(p.PID), CompanionPid: int64(p.CompanionPID), Reason: p.Reason, Origin: p.Origin, Publisher: p.Publisher,
			Summary: p.Summary, Isolation: p.Isolation, Missing: p.Missing, Log: p.Log, MemoryKb: int64(p.MemoryKB), Locked: p.Locked}
		for _, g := range p.Grants {
			row.Grants = append(row.Grants, &controlv1.Grant{Name: g.Name, Allowed: g.Allowed, Reason: g.Reason})
		}
		rows = append(rows, row)
	}
	return rows
}

func groupRow(g model.GroupInfo) *controlv1.Group {
	row := &controlv1.Group{Id: g.ID, Conversation: g.Conversation, Name: g.Name, Picture: g.Picture, Role: string(g.Role),
		State: string(g.State), Earlier: g.Earlier, Open: g.Open, Count: int64(g.Count)}
	for _, m := range g.Members {
		row.Members = append(row.Members, &controlv1.GroupMember{Address: m.Address, Name: m.Name, Role: string(m.Role),
			State: string(m.State), SinceMs: ms(m.Since), By: m.By})
	}
	return row
}

func sessionRow(s model.Session) *controlv1.Session {
	row := &controlv1.Session{Conversation: s.Key.Conversation, Id: s.Key.Session, Plugin: s.Plugin, Title: s.Title, State: string(s.State),
		Reason: s.Reason, By: s.By, Mine: s.Mine, Standing: s.Standing, AnsweredOn: s.AnsweredOn, OfferedMs: ms(s.Offered), ExpiresMs: ms(s.Expires), IdleSinceMs: ms(s.Idle)}
	for _, m := range s.Members {
		row.Members = append(row.Members, &controlv1.SessionMember{Address: m.Address, Device: m.Device, State: m.State})
	}
	return row
}

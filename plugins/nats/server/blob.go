package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// Blobs are content by its hash, in parts of one size, one subject each:
//
//	blob.<user>.<hash>.<part>
//
// Everybody who puts one has a copy and pays for it: nobody can learn from the
// speed of an answer what others keep, and nobody can spoil another's. Whoever
// knows a hash may read: hashes travel in conversations.
const (
	streamBlob = "BLOB"
	partSize   = contractv1.MaxBlobPart
	// DefaultBlobQuota is how many bytes of blobs one person may keep.
	DefaultBlobQuota = 256 << 20
)

func partSubject(user, hash string, part int64) string {
	return "blob." + user + "." + hash + "." + strconv.FormatInt(part, 10)
}

// onBlob takes dir.blobput.U.D and dir.blobget.U.D; a person's parts come one
// after the other.
func (s *Server) onBlob(c caller, op string, data []byte) {
	if c.request == "" {
		return
	}
	if !s.reads.do("blob."+c.user, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*storeTimeout)
		defer cancel()
		body, err := s.blobOp(ctx, c, op, data)
		s.answer(c, body, err)
	}) {
		s.answer(c, nil, errBusy)
	}
}

func (s *Server) blobOp(ctx context.Context, c caller, op string, data []byte) ([]byte, error) {
	if op == wire.OpBlobGet {
		var in contractv1.BlobGet
		if err := unmarshal(data, &in); err != nil {
			return nil, err
		}
		if s.parts.wait(c.user) > 0 {
			return nil, errFast
		}
		out, err := s.blobPart(ctx, c.user, &in)
		if err != nil {
			return nil, err
		}
		return proto.Marshal(out)
	}
	var in contractv1.BlobPut
	if err := unmarshal(data, &in); err != nil {
		return nil, err
	}
	if s.parts.waitN(c.user, partsOf(&in)) > 0 {
		return nil, errFast
	}
	out, err := s.putPart(ctx, c.user, &in)
	if err != nil {
		return nil, err
	}
	return proto.Marshal(out)
}

var errFast = wire.Errorf(contractv1.Error_UNAVAILABLE, "That was fast; the server takes the rest in a moment.")

// partsOf is what putting a part costs of its sender's share: what is read back
// for it counts as if it were sent again.
func partsOf(in *contractv1.BlobPut) int {
	size := min(max(in.Size, 0), contractv1.MaxBlob)
	if len(in.Data) > 0 && in.Offset+int64(len(in.Data)) < size {
		return 1
	}
	return 1 + int(size/partSize)
}

func checkPart(in *contractv1.BlobPut) error {
	switch {
	case !wire.ValidHash(in.Hash):
		return wire.Errorf(contractv1.Error_INVALID, "The content's hash is malformed.")
	case in.Size < 1 || in.Size > contractv1.MaxBlob:
		return wire.Errorf(contractv1.Error_TOO_LARGE, "The network takes 1 byte to %d MB.", contractv1.MaxBlob>>20)
	case in.Offset == 0 && len(in.Data) == 0: // asks how far it is
		return nil
	case in.Offset < 0 || in.Offset%partSize != 0 || in.Offset >= in.Size ||
		int64(len(in.Data)) != min(partSize, in.Size-in.Offset):
		return wire.Errorf(contractv1.Error_INVALID, "The part does not fit the whole.")
	}
	return nil
}

// putPart stores one part; the one that makes it whole is answered when the
// whole has been read back and has its hash.
func (s *Server) putPart(ctx context.Context, user string, in *contractv1.BlobPut) (*contractv1.BlobStored, error) {
	if err := checkPart(in); err != nil {
		return nil, err
	}
	r, err := s.dir.reserve(ctx, user, in)
	if err != nil {
		return nil, err
	}
	if r.Size != in.Size {
		return nil, wire.Errorf(contractv1.Error_INVALID, "Other parts of this said another size.")
	}
	if r.Done {
		if r, err = s.dir.prolong(ctx, user, in); err != nil {
			return nil, err
		}
		return &contractv1.BlobStored{Offset: r.Size, Complete: true, ExpiresMs: r.ExpiresMS}, nil
	}
	if len(in.Data) > 0 {
		m := &nats.Msg{Subject: partSubject(user, in.Hash, in.Offset/partSize), Data: in.Data}
		if err := s.store(ctx, m); err != nil {
			return nil, err
		}
		if in.Offset+int64(len(in.Data)) < in.Size {
			return &contractv1.BlobStored{Offset: in.Offset + int64(len(in.Data))}, nil
		}
	}
	return s.whole(ctx, user, in)
}

// whole reads what is there back. It stops at the first part that is missing.
func (s *Server) whole(ctx context.Context, user string, in *contractv1.BlobPut) (*contractv1.BlobStored, error) {
	sum := sha256.New()
	for at := int64(0); at < in.Size; at += partSize {
		data, err := s.part(ctx, user, in.Hash, at/partSize)
		if err != nil {
			return nil, err
		}
		if int64(len(data)) != min(partSize, in.Size-at) {
			return &contractv1.BlobStored{Offset: at}, nil
		}
		sum.Write(data)
	}
	if hex.EncodeToString(sum.Sum(nil)) != in.Hash {
		if err := s.removeBlob(ctx, user, in.Hash, func() bool { return true }); err != nil {
			return nil, err
		}
		return nil, wire.Errorf(contractv1.Error_INVALID, "What arrived is not what was announced; send it again.")
	}
	r, err := s.dir.finish(ctx, user, in)
	if err != nil {
		return nil, err
	}
	return &contractv1.BlobStored{Offset: r.Size, Complete: true, ExpiresMs: r.ExpiresMS}, nil
}

// part is one stored part, or nothing.
func (s *Server) part(ctx context.Context, user, hash string, n int64) ([]byte, error) {
	msgs, _, err := s.direct(ctx, streamBlob, directGet{LastFor: partSubject(user, hash, n)})
	if err != nil {
		return nil, err
	}
	if len(msgs) == 0 {
		return nil, nil
	}
	return msgs[0].Data, nil
}

// blobPart answers from one part: up to its end, or less if less is wanted.
func (s *Server) blobPart(ctx context.Context, user string, in *contractv1.BlobGet) (*contractv1.BlobPart, error) {
	if !wire.ValidHash(in.Hash) || in.Offset < 0 {
		return nil, wire.Errorf(contractv1.Error_INVALID, "The request is malformed.")
	}
	var owner string
	var r blobRecord
	err := s.dir.settled(ctx, func() error {
		var ok bool
		if owner, r, ok = s.dir.blobOwner(user, in.Hash); !ok {
			return wire.Errorf(contractv1.Error_NOT_FOUND, "The network no longer keeps this.")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if in.Offset >= r.Size {
		return &contractv1.BlobPart{Size: r.Size}, nil
	}
	data, err := s.part(ctx, owner, in.Hash, in.Offset/partSize)
	if err != nil {
		return nil, err
	}
	from := in.Offset % partSize
	if int64(len(data)) <= from {
		return nil, fmt.Errorf("blob %s lacks the part at %d", in.Hash, in.Offset)
	}
	data = data[from:]
	if in.Limit > 0 && int(in.Limit) < len(data) {
		data = data[:in.Limit]
	}
	return &contractv1.BlobPart{Data: data, Size: r.Size}, nil
}

// removeBlob removes a blob, if that is still wanted when nobody else can change
// it: whoever puts it at this moment is either before, and keeps it, or after, and
// begins anew. The parts go first: a record without parts is made whole again by
// whoever puts it, parts without a record would stay.
func (s *Server) removeBlob(ctx context.Context, user, hash string, wanted func() bool) error {
	s.dir.write.Lock()
	defer s.dir.write.Unlock()
	if !wanted() {
		return nil
	}
	st, err := s.js.Stream(ctx, streamBlob)
	if err != nil {
		return fmt.Errorf("remove a blob: %w", err)
	}
	if err := st.Purge(ctx, jetstream.WithPurgeSubject("blob."+user+"."+hash+".*")); err != nil {
		return fmt.Errorf("remove a blob: %w", err)
	}
	return s.dir.drop(ctx, blobKey(user, hash))
}

// expireBlobs removes what has come to its end, and what was begun and not finished.
func (s *Server) expireBlobs(ctx context.Context) {
	users, hashes := s.dir.unwanted()
	for i := range users {
		user, hash := users[i], hashes[i]
		if err := s.removeBlob(ctx, user, hash, func() bool { return s.dir.isUnwanted(user, hash) }); err != nil {
			s.o.Log.Warn("expire blobs", "error", err)
			return
		}
	}
}

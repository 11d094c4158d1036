package flow

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// stream is what client and server streams have in common.
type stream interface {
	Context() context.Context
	SendMsg(m any) error
	RecvMsg(m any) error
}

// Send writes one batch to a stream. A frame that cannot be encoded, because a
// text in it is not UTF-8, would end the whole stream; it is left out and given
// to bad instead.
func Send[F Frame](s stream, batch func([]F) proto.Message, frames []F, bad func(F, error)) error {
	var m grpc.PreparedMsg
	if err := m.Encode(s, batch(frames)); err != nil {
		good := make([]F, 0, len(frames))
		for _, f := range frames {
			if _, err := proto.Marshal(f); err != nil {
				bad(f, err)
				continue
			}
			good = append(good, f)
		}
		m = grpc.PreparedMsg{}
		if err := m.Encode(s, batch(good)); err != nil {
			return err
		}
	}
	return s.SendMsg(&m)
}

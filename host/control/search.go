package control

import (
	"bufio"
	"context"

	"google.golang.org/grpc"

	controlv1 "switchboard/shared/contract/control/v1"
	"switchboard/shared/model"
)

// exportPart is how much of an export one message holds.
const exportPart = 64 << 10

// Search looks for a text everywhere, or in one conversation.
func (s *service) Search(ctx context.Context, r *controlv1.FindRequest) (*controlv1.FindReply, error) {
	q := model.Query{Text: r.Query, Limit: int(min(r.Limit, 200)), Cursor: r.Cursor}
	if r.Conversation != "" {
		var err error
		if q.Conversation, err = conversation(s.host.Snapshot(), r.Conversation); err != nil {
			return nil, refusal(err)
		}
	}
	found, err := s.host.Search(ctx, q)
	if err != nil {
		return nil, refusal(err)
	}
	reply := &controlv1.FindReply{Cursor: found.Cursor, Fault: found.Fault}
	for _, h := range found.Hits {
		hit := &controlv1.FoundHit{Conversation: h.Key.Conversation, Session: h.Key.Session, Item: h.Item, From: h.From, Name: h.Name,
			Title: h.Title, TimeMs: ms(h.Time), Text: h.Text, Picture: h.Picture}
		for _, m := range h.Marks {
			hit.Marks = append(hit.Marks, &controlv1.FoundMark{Start: uint32(m[0]), End: uint32(m[1])})
		}
		reply.Hits = append(reply.Hits, hit)
	}
	return reply, nil
}

// Export gives a conversation piece by piece.
func (s *service) Export(r *controlv1.ExportRequest, stream grpc.ServerStreamingServer[controlv1.ExportPart]) error {
	id, err := conversation(s.host.Snapshot(), r.Conversation)
	if err != nil {
		return refusal(err)
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	defer context.AfterFunc(s.ending, cancel)()
	w := bufio.NewWriterSize(sender{stream}, exportPart)
	if err := s.host.ExportTo(ctx, id, r.Format, w); err != nil {
		return refusal(err)
	}
	return refusal(w.Flush())
}

// sender writes to a stream.
type sender struct {
	stream grpc.ServerStreamingServer[controlv1.ExportPart]
}

// Write sends the data in parts.
func (s sender) Write(data []byte) (int, error) {
	for at := 0; at < len(data); at += exportPart {
		if err := s.stream.Send(&controlv1.ExportPart{Data: data[at:min(at+exportPart, len(data))]}); err != nil {
			return at, err
		}
	}
	return len(data), nil
}

// Import adds what a file has and this computer has not.
func (s *service) Import(ctx context.Context, r *controlv1.ImportRequest) (*controlv1.ImportReply, error) {
	id, err := conversation(s.host.Snapshot(), r.Conversation)
	if err != nil {
		return nil, refusal(err)
	}
	added, err := s.host.Import(ctx, id, r.Path)
	return &controlv1.ImportReply{Added: uint64(added)}, refusal(err)
}

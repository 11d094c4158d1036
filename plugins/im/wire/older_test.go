package wire

import (
	"testing"
)

func FuzzDecodeOlder(f *testing.F) {
	good, err := EncodeOlder(Older{Conversation: "dm.a.b", Below: 9, End: true, Rows: []OlderRow{
		{Seq: 3, ID: "m1", From: "a@n", Device: "d", Time: 1, Kind: Text, Text: "hello"}, {Seq: 8, ID: "m2", From: "b@n", Kind: Text, Deleted: true}}}, 1<<20)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte("nonsense"))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := DecodeOlder(data)
		if err != nil {
			return
		}
		again, err := EncodeOlder(o, 64<<20)
		if err != nil {
			t.Fatal(err)
		}
		o2, err := DecodeOlder(again)
		if err != nil || len(o2.Rows) > len(o.Rows) || o2.Conversation != o.Conversation {
			t.Fatal(err, len(o.Rows), len(o2.Rows))
		}
	})
}

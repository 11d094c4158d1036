package desktop

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jfreymuth/pulse/proto"

	"switchboard/host/desktop/tones"
)

// errNoSound says that there is no sound server on this computer.
var errNoSound = errors.New("there is no sound server here")

// cookieSize is what PulseAudio's cookie has; any will do where none is asked for.
const cookieSize = 256

// latency is how far ahead the device should take what is played, in bytes: a tenth
// of a second, or it would be over long before that is known.
const latency = 2 * tones.Rate / 10

// play gives samples to PulseAudio, or to PipeWire in its place, and returns when
// they have been heard. It speaks to this computer's server alone.
func play(ctx context.Context, samples []int16) error {
	if len(samples) == 0 {
		return nil
	}
	path := pulseSocket()
	if path == "" {
		return errNoSound
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return fmt.Errorf("the sound server: %w", err)
	}
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(end); err != nil {
			return err
		}
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	watched := &reader{ReadWriter: conn, ended: make(chan struct{})}
	size, over := 2*len(samples), make(chan struct{})
	last := sync.OnceFunc(func() { close(over) })
	c := &proto.Client{Callback: func(m any) { // nothing left to play: also before the first sample
		if u, ok := m.(*proto.Underflow); ok && u.Offset >= int64(size) {
			last()
		}
	}}
	c.SetTimeout(playTime)
	c.Open(watched)
	defer func() { // the library's reader ends with the connection
		conn.Close()
		<-watched.ended
	}()
	if err := stream(c, samples); err != nil {
		return err
	}
	// A server that does not say when it is over has had its time.
	longest := time.NewTimer(time.Second*time.Duration(len(samples))/tones.Rate + time.Second)
	defer longest.Stop()
	select {
	case <-over:
	case <-longest.C:
	case <-watched.ended:
		return errNoSound
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// stream hands samples over on an open connection.
func stream(c *proto.Client, samples []int16) error {
	var hello proto.AuthReply
	if err := c.Request(&proto.Auth{Version: c.Version(), Cookie: cookie()}, &hello); err != nil {
		return fmt.Errorf("the sound server refuses us: %w", err)
	}
	c.SetVersion(hello.Version)
	if err := c.Request(&proto.SetClientName{Props: proto.PropList{"application.name": proto.PropListString("Switchboard"),
		"application.id": proto.PropListString("switchboard")}}, &proto.SetClientNameReply{}); err != nil {
		return fmt.Errorf("introduce ourselves to the sound server: %w", err)
	}
	size := uint32(2 * len(samples))
	var made proto.CreatePlaybackStreamReply
	err := c.Request(&proto.CreatePlaybackStream{
		SampleSpec: proto.SampleSpec{Format: proto.FormatInt16LE, Channels: 1, Rate: tones.Rate}, ChannelMap: proto.ChannelMap{proto.ChannelMono},
		SinkIndex: proto.Undefined, BufferMaxLength: size, BufferTargetLength: min(size, latency), BufferPrebufferLength: 0, BufferMinimumRequest: proto.Undefined, AdjustLatency: true,
		ChannelVolumes: proto.ChannelVolumes{uint32(proto.VolumeNorm)},
		Properties:     proto.PropList{"media.name": proto.PropListString("Alert"), "media.role": proto.PropListString("event")},
	}, &made)
	if err != nil {
		return fmt.Errorf("open a stream of the sound server: %w", err)
	}
	data := make([]byte, 0, size)
	for _, s := range samples {
		data = binary.LittleEndian.AppendUint16(data, uint16(s))
	}
	if err := c.Send(made.StreamIndex, data); err != nil {
		return fmt.Errorf("play: %w", err)
	}
	return nil
}

// reader tells when the library has stopped reading.
type reader struct {
	io.ReadWriter
	once  sync.Once
	ended chan struct{}
}

// Read is the connection's; after its first error nobody reads again.
func (r *reader) Read(b []byte) (int, error) {
	n, err := r.ReadWriter.Read(b)
	if err != nil {
		r.once.Do(func() { close(r.ended) })
	}
	return n, err
}

// pulseSocket is where the server of this session listens, "" when none is named.
func pulseSocket() string {
	for _, one := range strings.Fields(os.Getenv("PULSE_SERVER")) {
		if _, rest, ok := strings.Cut(one, "}"); ok && strings.HasPrefix(one, "{") {
			one = rest
		}
		if path := strings.TrimPrefix(one, "unix:"); filepath.IsAbs(path) {
			return path
		}
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "pulse", "native")
	}
	return ""
}

// cookie is what proves to the server that we are of the same user.
func cookie() []byte {
	path := os.Getenv("PULSE_COOKIE")
	if path == "" {
		path = filepath.Join(os.Getenv("XDG_CONFIG_HOME"), "pulse", "cookie")
		if os.Getenv("XDG_CONFIG_HOME") == "" {
			path = filepath.Join(os.Getenv("HOME"), ".config", "pulse", "cookie")
		}
	}
	out := make([]byte, cookieSize)
	f, err := os.Open(path)
	if err != nil {
		return out
	}
	defer f.Close()
	if err := f.SetDeadline(time.Now().Add(time.Second)); err != nil && !errors.Is(err, os.ErrNoDeadline) {
		return out
	}
	if n, err := io.ReadFull(f, out); err != nil {
		clear(out[n:])
	}
	return out
}

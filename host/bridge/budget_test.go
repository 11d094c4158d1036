package bridge_test

import (
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"switchboard/host/bridge"
	"switchboard/shared/budget"
	contractv1 "switchboard/shared/contract/v1"
)

// How the budgets are measured: figure and floor take turns, so that a machine
// that is slow for a while is slow for both.
const (
	budgetRounds = 12
	roundTrips   = 500
	warmUp       = 200
	pipelined    = 20000
)

func (p *pingPong) bareTrip(b *testing.B) time.Duration {
	begin := time.Now()
	if err := p.stream.Send(&contractv1.HostBatch{Frames: []*contractv1.HostFrame{signalEvent(p.body)}}); err != nil {
		b.Fatal(err)
	}
	back, err := p.stream.Recv()
	if err != nil {
		b.Fatal(err)
	}
	p.back = back.GetFrames()[0].GetSignal().GetBody()
	return time.Since(begin)
}

func (p *pingPong) trip(b *testing.B) time.Duration {
	begin := time.Now()
	if err := p.conn.Send(signalEvent(p.body)); err != nil {
		b.Fatal(err)
	}
	<-p.sink.got
	return time.Since(begin)
}

// pingPong is a bare stream and ours, to two processes that answer.
type pingPong struct {
	stream contractv1.Plugin_AttachClient
	conn   *bridge.Conn
	sink   *counter
	body   []byte
	back   []byte // as the bare plugin sent it last
}

func startPingPong(b *testing.B) *pingPong {
	b.Helper()
	client, stream := startBare(b)
	b.Cleanup(client.Kill)
	conn, sink := startEcho(b)
	p := &pingPong{stream: stream, conn: conn, sink: sink, body: make([]byte, 200)}
	for range warmUp {
		p.bareTrip(b)
		p.trip(b)
	}
	return p
}

// BenchmarkBudgetRoundTrip: an SDK event round trip costs at most 1.3 times
// that of a bare go-plugin stream.
func BenchmarkBudgetRoundTrip(b *testing.B) {
	p := startPingPong(b)
	var floor, ours []time.Duration
	for range budgetRounds {
		for range roundTrips {
			floor = append(floor, p.bareTrip(b))
		}
		for range roundTrips {
			ours = append(ours, p.trip(b))
		}
	}
	budget.Times("SDK event round trip, p50", "µs", budget.Us(budget.Percentile(ours, 50)), budget.Us(budget.Percentile(floor, 50)), 1.3).Report(b)
}

func (p *pingPong) bareStream(b *testing.B, n int) time.Duration {
	begin := time.Now()
	sent := make(chan error, 1)
	go func() {
		for range n {
			if err := p.stream.Send(&contractv1.HostBatch{Frames: []*contractv1.HostFrame{signalEvent(p.body)}}); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	for range n {
		if _, err := p.stream.Recv(); err != nil {
			b.Fatal(err)
		}
	}
	if err := <-sent; err != nil {
		b.Fatal(err)
	}
	return time.Since(begin)
}

func (p *pingPong) pipeline(b *testing.B, n int) time.Duration {
	// Signals are dropped when there is no room, so no more are under way than fit.
	places := make(chan struct{}, contractv1.WindowMessages)
	begin := time.Now()
	sent := make(chan error, 1)
	go func() {
		for range n {
			places <- struct{}{}
			if err := p.conn.Send(signalEvent(p.body)); err != nil && !errors.Is(err, bridge.ErrFull) {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	for range n {
		<-p.sink.got
		<-places
	}
	if err := <-sent; err != nil {
		b.Fatal(err)
	}
	return time.Since(begin)
}

// BenchmarkBudgetPipelined: as many events as fit, all answered, are at least
// as many as through a bare stream.
func BenchmarkBudgetPipelined(b *testing.B) {
	p := startPingPong(b)
	p.bareStream(b, pipelined/10)
	p.pipeline(b, pipelined/10)
	var floor, ours []time.Duration
	for range budgetRounds {
		floor = append(floor, p.bareStream(b, pipelined))
		ours = append(ours, p.pipeline(b, pipelined))
	}
	perSecond := func(all []time.Duration) float64 { return pipelined / budget.Percentile(all, 50).Seconds() / 1000 }
	budget.Throughput("SDK events, pipelined", "k/s", perSecond(ours), perSecond(floor), 1).Report(b)
}

// BenchmarkFloorHop is one way through a bare stream, to a process that waits as
// those do that a message comes to: what one hop between host and plugin costs
// at least. Half a round trip would be less than that, for its second half comes
// to a process that has hardly begun to wait.
func BenchmarkFloorHop(b *testing.B) {
	p := startPingPong(b)
	var all []time.Duration
	for b.Loop() {
		time.Sleep(budget.Pause)
		begin := time.Now()
		p.bareTrip(b)
		all = append(all, time.Unix(0, int64(binary.BigEndian.Uint64(p.back))).Sub(begin))
	}
	b.ReportMetric(float64(budget.Percentile(all, 50)), "p50-ns")
}

// BenchmarkFloorStart is a bare go-plugin plugin, without a sandbox, from exec
// to its first answer.
func BenchmarkFloorStart(b *testing.B) {
	var all []time.Duration
	for b.Loop() {
		begin := time.Now()
		client, stream := startBare(b)
		(&pingPong{stream: stream}).bareTrip(b)
		all = append(all, time.Since(begin))
		client.Kill()
	}
	b.ReportMetric(float64(budget.Percentile(all, 50)), "p50-ns")
}

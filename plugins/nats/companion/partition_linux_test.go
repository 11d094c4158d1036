package companion

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

const insidePartition = "PARTITION_TEST"

// TestPartitionSoak puts three servers into network namespaces of their own and
// cuts each one's cable in turn while people write: it runs on, alone, and comes
// back with what it believed.
func TestPartitionSoak(t *testing.T) {
	if os.Getenv(insidePartition) != "" {
		partition(t)
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestPartitionSoak$", "-test.v", "-test.timeout=20m")
	cmd.Env = append(os.Environ(), insidePartition+"=1", "NATS_SERVER_BUILT="+natsServer(t))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}}
	if err := cmd.Start(); err != nil {
		if os.Getuid() != 0 {
			t.Logf("not tried, since user namespaces cannot be created here: %v", err)
			return
		}
		t.Fatalf("a partition cannot be tried here, since user namespaces cannot be created (%v)", err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	t.Logf("%s", &said)
}

// here is where people and replicas are; every server has one cable to it.
const here = "10.7.0.254"

type island struct {
	n      int
	holder *exec.Cmd
}

func (i *island) at() string { return "10.7.0." + strconv.Itoa(i.n) }

func (i *island) inside(name string, args ...string) *exec.Cmd {
	return exec.Command("nsenter", append([]string{"-t", strconv.Itoa(i.holder.Process.Pid), "-n", "--", name}, args...)...)
}

func shell(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v: %s", cmd.Args, err, out)
	}
}

func newIsland(t *testing.T, n int) *island {
	t.Helper()
	i := &island{n: n, holder: exec.Command("sleep", "3000")}
	i.holder.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if err := i.holder.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = i.holder.Process.Kill()
		_ = i.holder.Wait() // killed
	})
	shell(t, exec.Command("sh", "-ec", fmt.Sprintf(`ip link add cable%[1]d type veth peer name far%[1]d
ip link set far%[1]d netns %[2]d
ip addr add %[3]s/32 dev cable%[1]d
ip link set cable%[1]d up
ip route add %[4]s/32 dev cable%[1]d`, n, i.holder.Process.Pid, here, i.at())))
	shell(t, i.inside("sh", "-ec", fmt.Sprintf("ip link set lo up\nip addr add %s/32 dev far%d", i.at(), n)))
	i.join(t)
	return i
}

func (i *island) join(t *testing.T) {
	t.Helper()
	shell(t, i.inside("sh", "-ec", fmt.Sprintf("ip link set far%[1]d up\nip route add %[2]s/32 dev far%[1]d\nip route add default via %[2]s", i.n, here)))
}

func (i *island) cut(t *testing.T) {
	t.Helper()
	shell(t, i.inside("ip", "link", "set", "far"+strconv.Itoa(i.n), "down"))
}

func partition(t *testing.T) {
	messages, away := 1200, 6*time.Second
	if os.Getenv("SWITCHBOARD_SOAK") != "" {
		messages, away = 20000, 20*time.Second
	}
	shell(t, exec.Command("sh", "-ec", "ip link set lo up\necho 1 > /proc/sys/net/ipv4/ip_forward"))
	var islands []*island
	var hosts []string
	for n := 1; n <= 3; n++ {
		islands = append(islands, newIsland(t, n))
		hosts = append(hosts, islands[n-1].at())
	}
	c := clusterAt(t, 2, hosts, func(server int, name string, args ...string) *exec.Cmd { return islands[server].inside(name, args...) })
	alice := online(t, enter(t, c.owner, "alice"))
	bob := invited(t, alice, "bob")
	friends(t, alice, bob)
	speed := &pace{moved: make(chan struct{})}
	flows := []*flow{{p: alice, conv: "dm.alice.bob", n: messages / 2}, {p: bob, conv: "dm.alice.bob", n: messages / 2}}
	var pouring sync.WaitGroup
	errs, over := make(chan error, 2), make(chan struct{})
	for _, f := range flows {
		pouring.Go(func() { errs <- f.pour(speed) })
	}
	go func() { pouring.Wait(); close(over) }()
	for _, i := range islands {
		speed.further(messages/8, over)
		i.cut(t)
		time.Sleep(away)
		i.join(t)
	}
	<-over
	for range flows {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d messages, every server cut off for %v; longest time without an acknowledgement: %v", messages, away, speed.reset().Round(time.Millisecond))
	want := len(flows[0].acked) + len(flows[1].acked)
	for _, p := range []*person{alice, bob, online(t, alice.a)} {
		p.until("all entries", func() bool { return len(p.entries["dm.alice.bob"]) >= want })
		checkStorm(t, p.a.User, p.all("dm.alice.bob"), flows)
	}
}

package bus

import (
	"reflect"

	"github.com/godbus/dbus/v5"
)

// maxCalls bounds the calls that wait for an answer; more are refused.
const maxCalls = 64

// nothing is the type of no message: godbus does nothing with one.
const nothing dbus.Type = 0

// errBusy is what a call gets for which there is no room.
var errBusy = dbus.NewError("org.freedesktop.DBus.Error.LimitsExceeded", []any{"Too many calls wait for an answer"})

// calls answers what comes in, one call after the other. godbus itself would start
// a goroutine for each, of which nothing says how many there can be, nor which is
// first.
type calls struct {
	handler dbus.Handler
	conn    *dbus.Conn
	waiting chan *dbus.Message
}

func newCalls(h dbus.Handler) *calls {
	return &calls{handler: h, waiting: make(chan *dbus.Message, maxCalls)}
}

// begin starts the goroutine that answers; it ends with the connection.
func (c *calls) begin(conn *dbus.Conn) {
	c.conn = conn
	go func() {
		for {
			select {
			case <-conn.Context().Done():
				return
			case m := <-c.waiting:
				c.answer(m)
			}
		}
	}()
}

// incoming takes calls away from godbus; its reader calls it with every message.
func (c *calls) incoming(m *dbus.Message) {
	if m.Type != dbus.TypeMethodCall {
		return
	}
	call := *m
	m.Type = nothing
	select {
	case c.waiting <- &call:
	default:
		c.refuse(&call, errBusy)
	}
}

func text(m *dbus.Message, f dbus.HeaderField) string {
	s, _ := m.Headers[f].Value().(string)
	return s
}

// answer does one call.
func (c *calls) answer(m *dbus.Message) {
	path, _ := m.Headers[dbus.FieldPath].Value().(dbus.ObjectPath)
	name, member := text(m, dbus.FieldInterface), text(m, dbus.FieldMember)
	if name == "org.freedesktop.DBus.Peer" && member == "Ping" {
		c.reply(m, nil)
		return
	}
	object, ok := c.handler.LookupObject(path)
	if !ok {
		c.refuse(m, dbus.MakeNoObjectError(path))
		return
	}
	face, ok := object.LookupInterface(name)
	if !ok {
		c.refuse(m, dbus.MakeUnknownInterfaceError(name))
		return
	}
	method, ok := face.LookupMethod(member)
	if !ok {
		c.refuse(m, dbus.MakeUnknownMethodError(member))
		return
	}
	args, err := c.arguments(method, m)
	if err != nil {
		c.refuse(m, err)
		return
	}
	out, err := method.Call(args...)
	if err != nil {
		c.refuse(m, err)
		return
	}
	c.reply(m, out)
}

// arguments are those of a call as its method takes them.
func (c *calls) arguments(method dbus.Method, m *dbus.Message) ([]any, error) {
	if own, ok := method.(dbus.ArgumentDecoder); ok {
		return own.DecodeArguments(c.conn, text(m, dbus.FieldSender), m, m.Body)
	}
	if method.NumArguments() != len(m.Body) {
		return nil, dbus.ErrMsgInvalidArg
	}
	into := make([]any, len(m.Body))
	for i := range into {
		into[i] = reflect.New(reflect.TypeOf(method.ArgumentValue(i))).Interface()
	}
	if dbus.Store(m.Body, into...) != nil {
		return nil, dbus.ErrMsgInvalidArg
	}
	return into, nil
}

func (c *calls) reply(m *dbus.Message, out []any) {
	c.send(m, dbus.TypeMethodReply, map[dbus.HeaderField]dbus.Variant{}, out)
}

// refuse answers with an error.
func (c *calls) refuse(m *dbus.Message, err error) {
	name, body := "org.freedesktop.DBus.Error.Failed", []any{err.Error()}
	switch e := err.(type) { //nolint:errorlint // as godbus tells errors of the bus from others
	case dbus.Error:
		name, body = e.Name, e.Body
	case *dbus.Error:
		name, body = e.Name, e.Body
	}
	c.send(m, dbus.TypeError, map[dbus.HeaderField]dbus.Variant{dbus.FieldErrorName: dbus.MakeVariant(name)}, body)
}

// send answers a call whose caller waits for that.
func (c *calls) send(m *dbus.Message, kind dbus.Type, headers map[dbus.HeaderField]dbus.Variant, body []any) {
	if m.Flags&dbus.FlagNoReplyExpected != 0 {
		return
	}
	if sender, ok := m.Headers[dbus.FieldSender]; ok {
		headers[dbus.FieldDestination] = sender
	}
	headers[dbus.FieldReplySerial] = dbus.MakeVariant(m.Serial())
	if len(body) > 0 {
		headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(body...))
	}
	// A connection on which nothing can be said is about to end.
	c.conn.Send(&dbus.Message{Type: kind, Headers: headers, Body: body}, nil)
}

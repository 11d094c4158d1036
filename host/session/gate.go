package session

import (
	"cmp"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
)

// refuseOut fails what was queued before the policy forbade it: the rules of
// today decide about what leaves today. That an offer is refused, and that a
// session is over, is told all the same. With an error nothing may leave yet.
func (e *Engine) refuseOut(c *conversation) error {
	reasons := map[string]string{} // by plugin; "" allows
	var list []*store.OutRow
	for _, r := range c.out {
		switch r.Kind {
		case contractv1.Envelope_DECLINE, contractv1.Envelope_CANCEL, contractv1.Envelope_LEAVE, contractv1.Envelope_END:
			continue
		}
		reason, asked := reasons[r.Plugin]
		if !asked {
			if ok, why := e.o.Permit(PermitSend, r.Plugin); !ok {
				reason = cmp.Or(why, "It may not be sent.")
			}
			reasons[r.Plugin] = reason
		}
		if reason != "" {
			list = append(list, r)
		}
	}
	if len(list) == 0 {
		return nil
	}
	if err := e.write(func(tx *store.Tx) error {
		for _, r := range list {
			if err := tx.OutFail(r.ID, reasons[r.Plugin], false); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for _, r := range list {
		e.outFailed(r, reasons[r.Plugin], false)
	}
	return nil
}

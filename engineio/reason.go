package engineio

// CloseReason says why a session ended. Layers above may close a session with
// reasons of their own.
type CloseReason string

const (
	// CloseTransportClose: the client closed the session or its connection.
	CloseTransportClose CloseReason = "transport close"
	// CloseTransportError: the connection broke, a poll was abandoned, or two
	// polls or two POSTs overlapped.
	CloseTransportError CloseReason = "transport error"
	// ClosePingTimeout: the heartbeat was not answered in time.
	ClosePingTimeout CloseReason = "ping timeout"
	// CloseParseError: the client sent what the protocol does not allow.
	CloseParseError CloseReason = "parse error"
	// ClosePayloadTooLarge: a message or POST body exceeded Options.MaxPayload.
	ClosePayloadTooLarge CloseReason = "payload too large"
	// CloseSlowConsumer: more than Options.MaxQueue bytes waited for the client,
	// or it took nothing for Options.WriteTimeout.
	CloseSlowConsumer CloseReason = "slow consumer"
	// CloseServerShutdown: Server.Shutdown or Server.CloseSessions. Clients see an
	// ordinary transport close and reconnect by themselves.
	CloseServerShutdown CloseReason = "server shutdown"
	// CloseCrowded: a layer above made room for newer sessions.
	CloseCrowded CloseReason = "crowded out"
	// CloseForced: the server's side asked for it.
	CloseForced CloseReason = "forced close"
	// CloseHandlerPanic: the handler panicked over something of this session.
	CloseHandlerPanic CloseReason = "handler panic"
)

// closeCode is the status of the WebSocket close frame that tells the reason
// (RFC 6455, section 7.4.1).
func (r CloseReason) closeCode() uint16 {
	switch r {
	case CloseParseError:
		return statusProtocolError
	case ClosePayloadTooLarge:
		return statusTooBig
	case CloseServerShutdown:
		return statusGoingAway
	case CloseHandlerPanic:
		return statusInternalError
	default:
		return statusNormal
	}
}

// abrupt reports whether nothing more can reach the client, so that waiting
// for it to take what is queued would be in vain, or is not worth its memory.
func (r CloseReason) abrupt() bool {
	switch r {
	case CloseTransportError, ClosePingTimeout, CloseSlowConsumer, CloseCrowded:
		return true
	}
	return false
}

// ownDecision reports whether the server's side closed a session that was in order, so that its
// client is still to be told.
func (r CloseReason) ownDecision() bool {
	switch r {
	case CloseTransportClose, CloseParseError, ClosePayloadTooLarge:
		return false
	}
	return !r.abrupt()
}

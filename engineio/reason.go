package engineio

// CloseReason is the reason why a session ended. Packages above may define further reasons.
type CloseReason string

const (
	// CloseTransportClose: the client closed the session or its connection.
	CloseTransportClose CloseReason = "transport close"
	// CloseTransportError: the connection broke, a poll was abandoned, or two
	// polls or two POSTs overlapped.
	CloseTransportError CloseReason = "transport error"
	// ClosePingTimeout: the heartbeat was not answered in time.
	ClosePingTimeout CloseReason = "ping timeout"
	// CloseParseError: the client violated the protocol.
	CloseParseError CloseReason = "parse error"
	// ClosePayloadTooLarge: a message or POST body exceeded Options.MaxPayload.
	ClosePayloadTooLarge CloseReason = "payload too large"
	// CloseSlowConsumer: more than Options.MaxQueue bytes were queued for the client, or it
	// accepted no bytes for Options.WriteTimeout.
	CloseSlowConsumer CloseReason = "slow consumer"
	// CloseServerShutdown: Server.Shutdown or Server.CloseSessions. Clients see an
	// ordinary transport close and reconnect by themselves.
	CloseServerShutdown CloseReason = "server shutdown"
	// CloseCrowded: a package above closed the session to make room for newer ones.
	CloseCrowded CloseReason = "crowded out"
	// CloseForced: the application of the server closed the session.
	CloseForced CloseReason = "forced close"
	// CloseHandlerPanic: a callback of the handler for this session panicked.
	CloseHandlerPanic CloseReason = "handler panic"
)

// closeCode returns the status of the WebSocket close frame for the reason (RFC 6455, section
// 7.4.1).
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

// abrupt reports whether the queued packets are dropped, because they cannot reach the client or
// use too much memory.
func (r CloseReason) abrupt() bool {
	switch r {
	case CloseTransportError, ClosePingTimeout, CloseSlowConsumer, CloseCrowded:
		return true
	}
	return false
}

// ownDecision reports whether the server closed a working session, so that the client must still
// receive the end.
func (r CloseReason) ownDecision() bool {
	switch r {
	case CloseTransportClose, CloseParseError, ClosePayloadTooLarge:
		return false
	}
	return !r.abrupt()
}

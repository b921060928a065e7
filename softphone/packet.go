package softphone

import "encoding/binary"

const (
	rtpHeader = 12  // bytes of an RTP header without sources and extensions
	keyEvent  = 101 // payload type of telephone-event in Asterisk's table for externalMedia
	maxPacket = 1500
)

// packet is one RTP packet as it was read, with the parts the relay needs.
// Nothing is copied: payload points into the buffer that was parsed.
type packet struct {
	marker  bool
	format  uint8
	seq     uint16
	stamp   uint32
	source  uint32
	payload []byte
}

// parse reads an RTP packet (RFC 3550 §5.1) and says whether it is one: the
// sockets are open to whatever the network sends.
func (p *packet) parse(b []byte) bool {
	if len(b) < rtpHeader || b[0]>>6 != 2 {
		return false
	}
	end := len(b)
	start := rtpHeader + 4*int(b[0]&0x0f)
	if b[0]&0x10 != 0 { // header extension
		if start+4 > end {
			return false
		}
		start += 4 + 4*int(binary.BigEndian.Uint16(b[start+2:]))
	}
	if b[0]&0x20 != 0 { // padding, its length in the last byte
		pad := int(b[end-1])
		if pad == 0 {
			return false
		}
		end -= pad
	}
	if start > end {
		return false
	}
	p.marker = b[1]&0x80 != 0
	p.format = b[1] & 0x7f
	p.seq = binary.BigEndian.Uint16(b[2:])
	p.stamp = binary.BigEndian.Uint32(b[4:])
	p.source = binary.BigEndian.Uint32(b[8:])
	p.payload = b[start:end]
	return true
}

// appendTo writes the packet with a plain header.
func (p *packet) appendTo(b []byte) []byte {
	second := p.format
	if p.marker {
		second |= 0x80
	}
	b = append(b, 2<<6, second)
	b = binary.BigEndian.AppendUint16(b, p.seq)
	b = binary.BigEndian.AppendUint32(b, p.stamp)
	b = binary.BigEndian.AppendUint32(b, p.source)
	return append(b, p.payload...)
}

// Prints what comes on a channel, from a number on; comes back after a loss. Go, standard library.
//
//	go run listen.go http://127.0.0.1:8100 news 1
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/rand"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"
)

type message struct {
	Type    string `json:"type"`
	Seq     int64  `json:"seq"`
	Content string `json:"content"`
}

const shortest, longest = time.Second, 30 * time.Second

type listener struct {
	front, channel string
	seq            int64         // the number wanted next
	pause          time.Duration // until the next attempt, at most; doubled as long as nothing comes of it
	rest           time.Duration // for which the server wants to be left alone before
}

// listen returns when the connection is lost.
func (l *listener) listen() error {
	query := url.Values{"cname": {l.channel}, "seq": {strconv.FormatInt(l.seq, 10)}}
	response, err := http.Get(l.front + "/stream?" + query.Encode())
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		l.rest = time.Duration(seconds) * time.Second
		return errors.New(response.Status)
	}
	// Silence longer than 1.3 heartbeats of 30 seconds is a loss.
	const patience = 39 * time.Second
	silence := time.AfterFunc(patience, func() { response.Body.Close() })
	defer silence.Stop()
	decoder := json.NewDecoder(bufio.NewReader(response.Body))
	for {
		var m message
		if err := decoder.Decode(&m); err != nil {
			return err
		}
		silence.Reset(patience)
		l.pause = shortest
		switch m.Type {
		case "data", "broadcast", "next_seq":
			if m.Seq < l.seq {
				l.seq = 1 // all that it has is new
				return errors.New("the channel began anew")
			}
			if m.Seq > l.seq && l.seq > 0 {
				log.Printf("missed %d to %d", l.seq, m.Seq-1)
			}
			l.seq = m.Seq
			if m.Type != "next_seq" {
				fmt.Println(m.Seq, m.Content)
				l.seq++
			}
		case "close", "401", "429":
			log.Fatal(m.Type)
		}
	}
}

func main() {
	seq, err := strconv.ParseInt(os.Args[3], 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	jitter := rand.New(rand.NewSource(time.Now().UnixNano()))
	l := listener{front: os.Args[1], channel: os.Args[2], seq: seq, pause: shortest}
	for {
		l.rest = 0
		log.Print("lost: ", l.listen())
		time.Sleep(l.rest + time.Duration(jitter.Int63n(int64(l.pause))))
		if l.pause *= 2; l.pause > longest {
			l.pause = longest
		}
	}
}

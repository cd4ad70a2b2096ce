// Command workload is what runs in the pods of the tests, and the pause container of each. It ends when it is told to:
// at once, or as many seconds later as its argument says; with "never", only when it is killed.
package main

import (
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	told := make(chan os.Signal, 8)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT)
	children := make(chan os.Signal, 8)
	signal.Notify(children, syscall.SIGCHLD)
	for {
		select {
		case <-children:
			reap()
		case <-told:
			if len(os.Args) < 2 {
				return
			}
			if os.Args[1] == "never" {
				continue
			}
			seconds, err := strconv.Atoi(os.Args[1])
			if err != nil {
				os.Exit(2)
			}
			time.Sleep(time.Duration(seconds) * time.Second)
			return
		}
	}
}

// reap takes leave of whatever else ran in the pod: a pause container may be its PID 1.
func reap() {
	for {
		if pid, _ := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 {
			return
		}
	}
}

// An Arduino Uno on simavr with the motors of a gantry at grbl's pins; it is the other end of a serial port.
// usage: gantry ELF TRACE. Says "port NAME". A byte of TRACE is a step: the axis, and 4 if it goes back.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
#include <simavr/sim_io.h>

enum { PORT_D = 0x2b, OCR1AL = 0x88, STEP_PINS = 0x1c };

static avr_t *avr;
static avr_irq_t *port;
static FILE *trace;
static int master = -1;
static int full = 0;
static int back[3];

static void plug(void) {
    int slave;
    char name[100];
    struct termios raw;
    cfmakeraw((memset(&raw, 0, sizeof raw), &raw));
    raw.c_cflag |= CS8 | CREAD | CLOCAL;
    if (openpty(&master, &slave, name, &raw, NULL)) exit(3);
    close(slave);
    fcntl(master, F_SETFL, O_NONBLOCK);
    printf("port %s\n", name);
}

static void said(avr_irq_t *irq, uint32_t value, void *param) {
    char c = value;
    struct pollfd p = {.fd = master, .events = POLLOUT};
    if (poll(&p, 1, 0) > 0 && !(p.revents & POLLHUP) && write(master, &c, 1) < 0) return;
}

static void xon(avr_irq_t *irq, uint32_t value, void *param) { full = 0; }
static void xoff(avr_irq_t *irq, uint32_t value, void *param) { full = 1; }
static void turned(avr_irq_t *irq, uint32_t value, void *param) { back[(long)param] = value != 0; }

// simavr starts grbl's pulse timer at 0 whatever it was set to: pulses of 128 us would swallow the next ones.
static avr_cycle_count_t pulse_ends(avr_t *its, avr_cycle_count_t when, void *param) {
    its->data[PORT_D] &= ~STEP_PINS;
    for (int axis = 0; axis < 3; axis++) avr_raise_irq(port + 2 + axis, 0);
    return 0;
}

static void stepped(avr_irq_t *irq, uint32_t value, void *param) {
    long axis = (long)param;
    if (!value) return;
    fputc((int)axis | back[axis] << 2, trace);
    avr_cycle_timer_register_usec(avr, 8, pulse_ends, NULL);
}

static void listen(void) {
    char c;
    if (read(0, &c, 1) == 0) {  // nobody is there any more
        fclose(trace);
        exit(0);
    }
    while (!full && read(master, &c, 1) == 1)
        avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT), (uint8_t)c);
}

int main(int count, char **words) {
    elf_firmware_t firmware = {0};
    if (count != 3 || elf_read_firmware(words[1], &firmware) || !(trace = fopen(words[2], "wb"))) return 2;
    avr = avr_make_mcu_by_name("atmega328p");
    if (!avr) return 2;
    avr_init(avr);
    avr->log = LOG_ERROR;
    firmware.frequency = 16000000;
    avr_load_firmware(avr, &firmware);
    avr->frequency = 16000000;
    setvbuf(stdout, NULL, _IOLBF, 0);
    fcntl(0, F_SETFL, O_NONBLOCK);
    uint32_t flags = 0;
    avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
    flags &= ~(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_t *uart = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), 0);
    avr_irq_register_notify(uart + UART_IRQ_OUTPUT, said, NULL);
    avr_irq_register_notify(uart + UART_IRQ_OUT_XON, xon, NULL);
    avr_irq_register_notify(uart + UART_IRQ_OUT_XOFF, xoff, NULL);
    port = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), 0);
    for (long axis = 0; axis < 3; axis++) {
        avr_irq_register_notify(port + 2 + axis, stepped, (void *)axis);
        avr_irq_register_notify(port + 5 + axis, turned, (void *)axis);
    }
    // simavr never ticks a timer that counts to 0, as the chip does until grbl's first step sets another end
    avr_io_addr_t top = AVR_DATA_TO_IO(OCR1AL);
    avr->io[top].w.c(avr, OCR1AL, 160, avr->io[top].w.param);
    plug();
    for (unsigned long turn = 0;; turn++) {
        int state = avr_run(avr);
        if (state == cpu_Done || state == cpu_Crashed) return 4;
        if ((turn & 1023) == 0) listen();
    }
}

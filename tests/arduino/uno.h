// An Arduino Uno on simavr, and the other end of its serial port: what every bench of these tests has.
#ifndef UNO_H
#define UNO_H
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

static avr_t *avr;
static avr_irq_t *port;  // D
static int master = -1;
static int full = 0;

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

static int is_open(void) {
    struct pollfd p = {.fd = master, .events = POLLOUT};
    return master >= 0 && poll(&p, 1, 0) > 0 && !(p.revents & POLLHUP);
}

static void send(char c) {
    if (is_open() && write(master, &c, 1) < 0) return;
}

static void take(void) {
    char c;
    while (master >= 0 && !full && read(master, &c, 1) == 1)
        avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT), (uint8_t)c);
}

static void xon(avr_irq_t *irq, uint32_t value, void *param) { full = 0; }
static void xoff(avr_irq_t *irq, uint32_t value, void *param) { full = 1; }

// Makes the board run a program; 0 if that is none. What it says goes to ``said``, letter by letter.
static int make_board(const char *elf, avr_irq_notify_t said) {
    elf_firmware_t firmware = {0};
    if (elf_read_firmware(elf, &firmware) || !(avr = avr_make_mcu_by_name("atmega328p"))) return 0;
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
    return 1;
}

#endif

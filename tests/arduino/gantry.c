// An Arduino Uno on simavr with the motors of a gantry at grbl's pins; it is the other end of a serial port.
// usage: gantry ELF TRACE. Says "port NAME". A byte of TRACE is a step: the axis, and 4 if it goes back.
#include "uno.h"

#include <simavr/sim_io.h>

enum { PORT_D = 0x2b, OCR1AL = 0x88, STEP_PINS = 0x1c };

static FILE *trace;
static int back[3];

static void said(avr_irq_t *irq, uint32_t value, void *param) { send((char)value); }
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
    take();
}

int main(int count, char **words) {
    if (count != 3 || !(trace = fopen(words[2], "wb")) || !make_board(words[1], said)) return 2;
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

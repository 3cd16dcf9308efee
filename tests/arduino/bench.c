// An Arduino Uno on simavr with a turntable round it: counts the motor's steps, sees the needle, and is the other end
// of a serial port. Says on stdout what happens, a line each; obeys on stdin:
//   cut N      the power goes when N steps have been made (0: now), and comes back at once
//   unplug N   so does the cable; plug brings it back as another port
//   place N    the board is turned by hand to step N          press      the button, for 50 ms of its time
//   count      says how many steps have been made
#include "uno.h"

static long position = 0, steps = 0, cut_at = -1, unplug_at = -1;
static int direction = 0;

static void said(avr_irq_t *irq, uint32_t value, void *param) {
    static char line[80];
    static unsigned length = 0;
    char c = value;
    if (c == '\n') {
        printf("said %.*s\n", (int)length, line);
        length = 0;
    } else if (c != '\r' && length < sizeof line) {
        line[length++] = c;
    }
    send(c);
}

static void turned(avr_irq_t *irq, uint32_t value, void *param) { direction = value ? 1 : -1; }

static void stepped(avr_irq_t *irq, uint32_t value, void *param) {
    if (!value) return;
    steps++;
    position += direction;
}

static avr_cycle_count_t button_up(avr_t *its, avr_cycle_count_t when, void *param) {
    avr_irq_t *pin = avr_io_getirq(its, AVR_IOCTL_IOPORT_GETIRQ('D'), 3);
    avr_raise_irq(pin, 0);  // a level that is the same as before is not noticed
    avr_raise_irq(pin, 1);
    return 0;
}

static void press(void) {
    avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), 3), 0);
    avr_cycle_timer_register_usec(avr, 50000, button_up, NULL);
}

static void reset(void) {
    avr_reset(avr);
    direction = -1;
    button_up(avr, 0, NULL);
    printf("cut %ld\n", position);
}

static void obey(char *line) {
    long number = 0;
    char word[16] = "";
    sscanf(line, "%15s %ld", word, &number);
    if (!strcmp(word, "cut")) cut_at = number;
    if (!strcmp(word, "unplug")) unplug_at = number;
    if (!strcmp(word, "plug")) plug();
    if (!strcmp(word, "place")) position = number;
    if (!strcmp(word, "press")) press();
    if (!strcmp(word, "count")) printf("count %ld\n", steps);
}

static void listen(void) {
    static char line[80];
    static unsigned length = 0;
    char c;
    ssize_t got;
    while ((got = read(0, &c, 1)) == 1) {
        if (c != '\n' && length < sizeof line - 1) {
            line[length++] = c;
            continue;
        }
        line[length] = 0;
        length = 0;
        obey(line);
    }
    if (got == 0) exit(0);  // nobody is there any more
    take();
}

static void look_at_needle(void) {
    static int was_out = 0;
    int pulse_us = (avr->data[0x88] | avr->data[0x89] << 8) / 2;  // OCR1A
    int out = pulse_us > 1500;
    if (out != was_out && pulse_us > 500) printf("%s %ld\n", out ? "out" : "in", position);
    if (pulse_us > 500) was_out = out;
}

int main(int count, char **words) {
    if (count != 2 || !make_board(words[1], said)) return 2;
    avr_irq_register_notify(port + 2, stepped, NULL);
    avr_irq_register_notify(port + 5, turned, NULL);
    direction = -1;
    avr_raise_irq(port + 3, 1);
    plug();
    for (unsigned long turn = 0;; turn++) {
        int state = avr_run(avr);
        if (state == cpu_Done || state == cpu_Crashed) return 4;
        if ((turn & 63) == 0) look_at_needle();
        if ((turn & 4095) == 0) listen();
        if (cut_at >= 0 && steps >= cut_at) {
            cut_at = -1;
            reset();
        }
        if (unplug_at >= 0 && steps >= unplug_at) {
            unplug_at = -1;
            close(master);
            master = -1;
            printf("unplugged\n");
        }
    }
}

// A turntable that winds what a computer tells it: one pin a line, "ok" when it is wound. With stringart:
//
//     stringart machine send plan.json --machine turntable-serial --port /dev/ttyUSB0
//
// 115200 baud; lines end in a newline:
//     pins 288   how many pins the board has          57 1    wrap pin 57 clockwise (-1: counter-clockwise)
//     at 57      the needle stands in the gap after   ?       where it stands: "at 57", or "at none" after a power
//                pin 57, inside the pins                      cut in motion, until it is told
//     !          stop at once; it has to be told then where it stands
// Every other line is answered with "error" and why.
#include "turntable.h"

static char line[40];
static uint8_t length = 0;

void say_place() {
    Serial.print(F("at "));
    if (place < 0)
        Serial.println(F("none"));
    else
        Serial.println(place / 2);
}

void refuse(const __FlashStringHelper *why) {
    Serial.print(F("error: "));
    Serial.println(why);
}

void set_pins(long count) {
    if (count < 3 || count > 5000) return refuse(F("a board has 3 to 5000 pins"));
    pins = count;
    Serial.println(F("ok"));
}

void set_place(long gap) {
    if (gap < 0 || (pins && gap >= (long)pins)) return refuse(F("there is no such gap"));
    remember(2 * gap + 1, wound);
    Serial.println(F("ok"));
}

void wind(char *text) {
    char *rest;
    long pin = strtol(text, &rest, 10), side = strtol(rest, &rest, 10);
    while (*rest == ' ') rest++;
    if (*rest || (side != 1 && side != -1)) return refuse(F("write a pin and 1 or -1"));
    if (!pins) return refuse(F("how many pins has the board? write pins and their number"));
    if (pin < 0 || pin >= (long)pins) return refuse(F("there is no such pin"));
    if (place < 0) return refuse(F("it is not known where the needle stands: write at and the gap"));
    if (!wrap(pin, side)) return refuse(F("stopped"));
    Serial.println(F("ok"));
}

void obey() {
    if (!strcmp(line, "?"))
        say_place();
    else if (!strncmp(line, "pins ", 5))
        set_pins(atol(line + 5));
    else if (!strncmp(line, "at ", 3) && isDigit(line[3]))
        set_place(atol(line + 3));
    else if (isDigit(line[0]))
        wind(line);
    else
        refuse(F("not understood"));
}

void setup() {
    Serial.begin(115200);
    begin_motion();
    recall();
    Serial.println(F("turntable"));
}

void loop() {
    if (!Serial.available()) return;
    char c = Serial.read();
    if (c == '\r' || c == '!') return;
    if (c != '\n') {
        if (length < sizeof(line)) line[length++] = c;
        return;
    }
    bool whole = length < sizeof(line);
    line[whole ? length : 0] = 0;
    if (!whole)
        refuse(F("the line is too long"));
    else if (length)
        obey();
    length = 0;
}

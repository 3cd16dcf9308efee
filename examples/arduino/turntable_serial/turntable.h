// What both sketches share: the motor that turns the board, the servo that moves the needle in and out between the
// pins, and a memory that knows after a power cut where the board stands. For an Arduino Uno or Nano (ATmega328P).
//
// The thread comes out of the needle, which stands at one side, a little inside the pins. The board turns the next gap
// to it; out, past the pin, in: that is a wrap. Then it turns on, and the thread is laid across by that turning.
#ifndef TURNTABLE_H
#define TURNTABLE_H

#include <Arduino.h>
#include <EEPROM.h>

// ---- your machine ----
#ifndef STEPS_PER_TURN
#define STEPS_PER_TURN 25600UL  // of the board: 200 full steps x 16 microsteps x 8, the gear
#endif
#ifndef SLOW_US
#define SLOW_US 400  // between two steps, from standing
#endif
#ifndef FAST_US
#define FAST_US 80  // between two steps, at speed
#endif
#ifndef RAMP_STEPS
#define RAMP_STEPS 320  // from slow to fast
#endif
#ifndef NEEDLE_MS
#define NEEDLE_MS 250  // the servo's time for its way
#endif
#define NEEDLE_IN_US 1200   // the servo's pulse with the needle inside the pins
#define NEEDLE_OUT_US 1800  // and outside
#define MORE_PINS_COME HIGH  // level of DIR at which pins with higher numbers come to the needle

const uint8_t STEP_PIN = 2, DIR_PIN = 5, ENABLE_PIN = 8, NEEDLE_PIN = 9;  // as on a CNC shield; 9 must be a timer's

// ---- memory: a ring of records in the EEPROM, so that no cell wears out ----
// A record is six bytes: place (2), wraps wound (2), mark, number. It is the newest if the number of the next one does
// not go on from its own. While the board turns its mark is MOVING: after a power cut then nobody knows where it stands.
const uint8_t STANDS = 0xA5, MOVING = 0x5A, NOT_WHOLE = 0;
const int RECORDS = 160, RECORD_BYTES = 6;
static int newest = -1;
static uint8_t newest_number = 0;

// Where the needle is, in half pins from pin 0: 2 x pin + 1 is in the gap after a pin; -1: nobody knows.
static long place = -1;
static unsigned wound = 0;  // wraps
static unsigned pins = 0;   // on the board; 0: not told yet

inline uint8_t read_byte(int record, int which) { return EEPROM.read(RECORD_BYTES * record + which); }
inline unsigned read_two(int record, int which) { return read_byte(record, which) | read_byte(record, which + 1) << 8; }
inline void write_byte(int record, int which, uint8_t value) { EEPROM.update(RECORD_BYTES * record + which, value); }

inline bool is_whole(int record) { return read_byte(record, 4) == STANDS || read_byte(record, 4) == MOVING; }

inline void recall() {
    for (int record = 0; record < RECORDS; record++) {
        int next = (record + 1) % RECORDS;
        if (!is_whole(record)) continue;
        if (is_whole(next) && read_byte(next, 5) == (uint8_t)(read_byte(record, 5) + 1)) continue;
        newest = record;
        newest_number = read_byte(record, 5);
    }
    if (newest < 0) return;
    wound = read_two(newest, 2);
    if (read_byte(newest, 4) == STANDS) place = read_two(newest, 0);
}

inline void remember_moving() {
    if (newest >= 0) write_byte(newest, 4, MOVING);
}

inline void remember(long where, unsigned count) {
    int record = (newest + 1) % RECORDS;
    write_byte(record, 4, NOT_WHOLE);
    write_byte(record, 0, where & 0xFF);
    write_byte(record, 1, where >> 8);
    write_byte(record, 2, count & 0xFF);
    write_byte(record, 3, count >> 8);
    write_byte(record, 5, newest_number + 1);
    write_byte(record, 4, STANDS);  // from here on it counts
    newest = record;
    newest_number++;
    place = where;
    wound = count;
}

// ---- motion ----
inline void needle(unsigned pulse_us) {
    OCR1A = 2 * pulse_us;
    delay(NEEDLE_MS);
}

inline void begin_motion() {
    pinMode(STEP_PIN, OUTPUT);
    pinMode(DIR_PIN, OUTPUT);
    pinMode(ENABLE_PIN, OUTPUT);
    digitalWrite(ENABLE_PIN, LOW);  // the motor holds from here on
    OCR1A = 2 * NEEDLE_IN_US;
    TCCR1A = _BV(COM1A1) | _BV(WGM11);  // 50 pulses a second on pin 9, made by the timer itself
    TCCR1B = _BV(WGM13) | _BV(WGM12) | _BV(CS11);
    ICR1 = 39999;
    pinMode(NEEDLE_PIN, OUTPUT);
}

inline unsigned long step_of(long where) {
    return ((unsigned long)where * STEPS_PER_TURN / pins + 1) / 2;  // counted from pin 0 each time: no error adds up
}

// Turn the board by the shorter way until the needle is at a place; false if it was stopped.
inline bool turn_to(long where) {
    long ahead = (long)step_of(where) - (long)step_of(place);
    if (ahead > (long)STEPS_PER_TURN / 2) ahead -= STEPS_PER_TURN;
    if (ahead < -(long)STEPS_PER_TURN / 2) ahead += STEPS_PER_TURN;
    digitalWrite(DIR_PIN, ahead > 0 ? MORE_PINS_COME : !MORE_PINS_COME);
    long count = labs(ahead);
    for (long k = 0; k < count; k++) {
        if (Serial.peek() == '!') {
            place = -1;
            return false;
        }
        long near = min(k, count - 1 - k);
        unsigned wait_us = near >= RAMP_STEPS ? FAST_US : SLOW_US - (SLOW_US - FAST_US) * near / RAMP_STEPS;
        digitalWrite(STEP_PIN, HIGH);
        delayMicroseconds(3);
        digitalWrite(STEP_PIN, LOW);
        delayMicroseconds(wait_us);
    }
    place = where;
    return true;
}

// Round a pin: out on one side of it, past it, in on the other. +1 clockwise, -1 counter-clockwise; false if stopped.
inline bool wrap(unsigned pin, int side) {
    long all = 2L * pins, before = (2L * pin - side + all) % all, after = (2L * pin + side + all) % all;
    remember_moving();
    if (!turn_to(before)) return false;
    needle(NEEDLE_OUT_US);
    if (!turn_to(after)) return false;
    needle(NEEDLE_IN_US);
    remember(after, wound + 1);
    return true;
}

#endif

// A turntable that winds a list of its own, without a computer. Put the header with the winding beside this file:
//
//     stringart export plan.json -o turntable_list/winding.h
//
// It waits for its button at the beginning, at every change of thread, and after a power cut. What is wound it knows
// through power cuts. If the power went while the board turned, it does not know where the board stands, and blinks:
// take the thread back to the pin that was wound before, turn the board by hand until the needle stands inside the
// pins in the gap after pin 0, and press. To begin anew hold the button while it is switched on.
#include "winding.h"  // of stringart; STRINGART_PINS, STRINGART_SIDES, STRINGART_LAYER_START

#include "turntable.h"

const uint8_t BUTTON_PIN = 3;  // to ground

inline unsigned pin_of(unsigned long k) {
    return sizeof(STRINGART_PINS[0]) == 1 ? pgm_read_byte(&STRINGART_PINS[k]) : pgm_read_word(&STRINGART_PINS[k]);
}

inline int side_of(unsigned long k) {
    int side = (int8_t)pgm_read_byte(&STRINGART_SIDES[k]);
    return side ? side : 1;  // tied there: either way holds
}

inline bool layer_begins(unsigned long k) {
    for (unsigned i = 0; i < STRINGART_LAYERS; i++)
        if (pgm_read_dword(&STRINGART_LAYER_START[i]) == k) return true;
    return false;
}

void say(const __FlashStringHelper *what) {
    Serial.print(what);
    Serial.print(' ');
    Serial.println(wound);
}

void wait_for_button() {
    while (digitalRead(BUTTON_PIN) == HIGH) {
        digitalWrite(LED_BUILTIN, place < 0 && millis() / 250 % 2);
        delay(1);
    }
    delay(20);
    while (digitalRead(BUTTON_PIN) == LOW) delay(1);
    digitalWrite(LED_BUILTIN, LOW);
}

void setup() {
    Serial.begin(115200);
    pinMode(BUTTON_PIN, INPUT_PULLUP);
    pinMode(LED_BUILTIN, OUTPUT);
    begin_motion();
    pins = STRINGART_PIN_COUNT;
    recall();
    if (digitalRead(BUTTON_PIN) == LOW || wound > STRINGART_LENGTH) {
        wound = 0;
        place = -1;
    }
    if (place < 0) return;
    say(F("ready at"));
    wait_for_button();
}

void loop() {
    if (place < 0) {
        say(F("lost at"));
        wait_for_button();
        remember(1, wound);
    }
    if (wound == STRINGART_LENGTH) {
        say(F("finished"));
        while (true) delay(1000);
    }
    if (wound && layer_begins(wound)) {
        say(F("thread at"));
        wait_for_button();
    }
    if (wrap(pin_of(wound), side_of(wound))) say(F("wound"));
}

#include <iostream>
#include <stdexcept>
#include <string>

int main() {
    try {
        throw std::runtime_error("abc");
    } catch (const std::exception &error) {
        std::cout << "caught " << std::string(error.what()).size() << std::endl;
    }
    return 0;
}

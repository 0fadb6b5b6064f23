"""What holds when parts of the product die: nobody is lost, nobody is in twice, and it goes on by itself."""

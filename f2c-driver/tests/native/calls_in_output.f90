! Functions in lists of output that write to internal files.
program p
  call strings
  call numbers
end program
subroutine strings
      character*4 f
      print *, 'a', f(12), f(13)
      write(*,'(a,a)') f(1),'x'
end subroutine
      character*4 function f(i)
      write(f,'(i4)') i
      end
subroutine numbers
      integer g
      print *, 1, g(12), 2
      print '(i3,i5,a)', 1, g(3), 'end'
end subroutine
      integer function g(i)
      character*16 s
      write(s,*) i
      read(s,*) g
      g=g*2
      end
